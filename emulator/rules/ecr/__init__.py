"""What ECR refuses."""
