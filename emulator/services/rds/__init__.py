"""What RDS answers."""
