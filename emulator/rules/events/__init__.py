"""What EventBridge refuses."""
