"""What CodeDeploy refuses."""
