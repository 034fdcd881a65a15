"""What Application Auto Scaling answers."""
