"""What RDS refuses."""
