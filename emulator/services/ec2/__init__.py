"""What EC2 answers: VPCs and what is in them."""
