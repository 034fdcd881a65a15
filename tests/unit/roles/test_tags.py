"""Tags that other people and tools have set stay: each task that sets some says which others may go."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted([*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")])


def tagging(node: Any) -> Iterator[dict[str, Any]]:
    """The options of each task of ours that sets tags, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from tagging(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if name.startswith("railyard.fargate.") and isinstance(value, dict) and "tags" in value and value.get("state") != "absent":
                yield value
            yield from tagging(value)


def test_every_task_with_tags_says_which_others_may_go() -> None:
    found = [(path.relative_to(ROOT), given) for path in FILES for given in tagging(yaml.safe_load(path.read_text()))]
    assert len(found) > 20
    assert [(str(path), sorted(given)) for path, given in found if "purge_tag_keys" not in given] == []
