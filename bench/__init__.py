"""How long a converge takes, and what it costs: `make bench`."""
