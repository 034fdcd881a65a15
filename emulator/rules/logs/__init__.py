"""What CloudWatch Logs refuses."""
