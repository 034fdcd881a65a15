"""What Elastic Load Balancing refuses."""
