"""What Systems Manager answers: Parameter Store, managed nodes, sessions."""
