"""Tags in roles and playbooks: those of AWS that other people and tools have set stay, and tasks have none of Ansible's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted([*ROOT.glob("roles/*/tasks/*.yml"), *ROOT.glob("playbooks/*.yml")])
PARTS = ("pre_tasks", "tasks", "post_tasks", "handlers", "block", "rescue", "always")


def purges(name: str) -> bool:
    """Whether a module of ours removes tags that are declared no more."""
    path = ROOT / "plugins" / "modules" / f"{name.removeprefix('railyard.fargate.')}.py"
    return name.startswith("railyard.fargate.") and path.exists() and "railyard.fargate.tags" in path.read_text()


def tagging(node: Any) -> Iterator[dict[str, Any]]:
    """The options of each task of ours that sets tags, at any depth."""
    if isinstance(node, list):
        for item in node:
            yield from tagging(item)
    elif isinstance(node, dict):
        for name, value in node.items():
            if purges(name) and isinstance(value, dict) and "tags" in value and value.get("state") != "absent":
                yield value
            yield from tagging(value)


def test_every_task_with_tags_says_which_others_may_go() -> None:
    found = [(path.relative_to(ROOT), given) for path in FILES for given in tagging(yaml.safe_load(path.read_text()))]
    assert len(found) > 20
    assert [(str(path), sorted(given)) for path, given in found if "purge_tag_keys" not in given] == []


def test_no_task_has_ansible_tags() -> None:
    """The command line says so to who asks for some (plugin_utils/_command_line/options.py)."""
    assert [str(path) for path in FILES if labelled(yaml.safe_load(path.read_text()))] == []


def labelled(tasks: Any) -> bool:
    """Whether a play, a block or a task has the keyword `tags`."""
    return any("tags" in task or any(labelled(task.get(part) or []) for part in PARTS) for task in tasks)
