"""What CodeBuild refuses."""
