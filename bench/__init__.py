"""How long a converge takes, and what it costs, beside the same in plain Ansible and in Terraform: `make bench`."""
