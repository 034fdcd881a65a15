"""What EventBridge does with events of AWS's services, and its connections; moto answers the rest of its operations."""
