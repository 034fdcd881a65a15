"""Whether IAM's policies allow a request: a pure function of documents, principal, action, resource and context."""
