"""What Elastic Load Balancing answers."""
