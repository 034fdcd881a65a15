"""What CloudWatch answers."""
