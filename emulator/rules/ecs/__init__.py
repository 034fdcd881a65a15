"""What ECS refuses."""
