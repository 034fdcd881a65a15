"""What S3 answers."""
