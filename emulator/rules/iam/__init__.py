"""What IAM refuses."""

# Whether a role is there, and the size of a document, are asked before what is in the document.
FIRST = ("roles",)
