"""What the Resource Groups Tagging API answers."""
