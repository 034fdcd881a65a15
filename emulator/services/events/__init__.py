"""What EventBridge does with events of AWS's services; moto answers its operations."""
