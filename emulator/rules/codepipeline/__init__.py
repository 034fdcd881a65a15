"""What CodePipeline refuses."""

FIRST = ("names", "structure", "actions", "artifacts")
