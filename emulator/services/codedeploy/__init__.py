"""What CodeDeploy answers."""
