"""What CloudWatch Logs answers."""
