"""What ECS answers."""
