"""What Systems Manager refuses."""
