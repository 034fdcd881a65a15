"""What SNS refuses."""
