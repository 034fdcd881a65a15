"""CloudTrail's event history. Moto has trails, and no events."""
