"""What CodeConnections answers, and the emulated GitHub that its connections lead to."""
