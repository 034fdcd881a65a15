"""What ECR answers."""
