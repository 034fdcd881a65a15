"""What CloudWatch refuses."""
