"""How long a converge takes, and what it costs, beside the same in plain Ansible and in Terraform: `make bench`."""

from __future__ import annotations

from pathlib import Path

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

# The tests' support, which is used here too, imports the collection by its own name.
_AnsibleCollectionFinder(paths=[str(Path(__file__).resolve().parent.parent / "collections")])._install()
