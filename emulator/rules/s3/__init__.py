"""What S3 refuses."""
