"""What EC2 refuses."""

# What a security group refuses is asked before dry runs, tags and filters.
FIRST = ("security_groups",)
