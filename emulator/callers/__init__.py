"""Who sends a request, what IAM calls what is asked for, and whether the sender may: judged where it is switched on."""
