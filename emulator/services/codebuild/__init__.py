"""What CodeBuild answers, and the runner of its builds."""
