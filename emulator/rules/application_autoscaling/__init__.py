"""What Application Auto Scaling refuses."""

# What a policy is is asked before its metrics.
FIRST = ("targets",)
