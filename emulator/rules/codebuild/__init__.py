"""What CodeBuild refuses."""

# Whether what is updated is there, and whether source and artifacts go together, are asked before what is in them.
FIRST = ("projects", "places")
