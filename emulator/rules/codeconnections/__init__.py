"""What CodeConnections refuses."""
