"""What IAM answers."""
