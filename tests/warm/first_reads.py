"""`python -m tests.warm.first_reads RECORD`: writes what site.yml reads first on a machine without a record, from a record of a no-op.

The record is a file of `~/.ansible/railyard.fargate/reads` after a no-op converge of `inventories/local`. What is left out has an id of
AWS's, a revision, a digest, or a name that only one inventory has.
"""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

ROOT = Path(__file__).resolve().parents[2]
# The local environment's.
KNOWN = {"/shop/local": "<path>", "shop-local": "<name>", "123456789012": "<account>", "eu-west-1": "<region>"}
UNKNOWN = re.compile(r"vpc-[0-9a-f]|/[0-9a-f]{16}|sha256:|:\d+\"|scalable-target/|\d+\.\d+\.\d+\.\d+/|worker|shop|local")


def general(params: str) -> str:
    for value, name in KNOWN.items():
        params = params.replace(value, name)
    return params


def main(file: Path) -> None:
    _AnsibleCollectionFinder(paths=[str(ROOT / "collections")])._install()
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead import first, record

    found = []
    for entry in record.load(file):
        request = entry.request
        if not UNKNOWN.search(general(request.params)):
            found.append([request.service, request.operation, general(request.params)])
    first.FILE.write_text("[\n" + ",\n".join(json.dumps(read) for read in found) + "\n]\n")
    print(f"{len(found)} reads")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
