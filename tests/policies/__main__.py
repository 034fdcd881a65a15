"""Write the policies of the deployer and the developer from what playbooks call: `python -m tests.policies [learn FILE]`.

`calls.json` has the operations by playbook. `learn` adds those of a file that tests have written: `RAILYARD_CALLS=FILE pytest tests/site`.
"""

from __future__ import annotations

import sys
from pathlib import Path

from ansible.utils.collection_loader._collection_finder import _AnsibleCollectionFinder

ROOT = Path(__file__).resolve().parents[2]


def main(words: list[str]) -> int:
    _AnsibleCollectionFinder(paths=[str(ROOT / "collections")])._install()
    from . import calls, written

    if words[:1] == ["learn"]:
        calls.learn(Path(words[1]))
    print("\n".join(written.write()))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
