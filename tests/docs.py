"""The documentation is whole and true. `python -m tests.docs`."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "collections" / "ansible_collections" / "railyard" / "fargate"
EXTENDED = {"railyard.fargate.own", "amazon.aws.aws"}
NOT_AWS = {"exit_status", "environment_parity_info", "prompt", "show"}


def modules() -> set[str]:
    return {path.stem for path in (ROOT / "plugins" / "modules").glob("[a-z]*.py")}


def roles() -> set[str]:
    return {path.name for path in (ROOT / "roles").iterdir() if (path / "tasks").is_dir()}


def ansible_doc(kind: str, names: set[str]) -> dict[str, Any]:
    command = ["ansible-doc", "--json", "-t", kind, *[f"railyard.fargate.{name}" for name in sorted(names)]]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    found = json.loads(done.stdout or "{}")
    return {name.rsplit(".", 1)[1]: entry for name, entry in found.items() if "error" not in entry}


def missing_documentation() -> list[str]:
    documented = ansible_doc("module", modules()) | ansible_doc("role", roles())
    return [f"ansible-doc shows nothing of {name}" for name in sorted((modules() | roles()) - set(documented))]


def action_group() -> list[str]:
    """Every module that speaks to AWS takes the defaults of the group `own`, which names no other, and `aws` has it within."""
    groups = yaml.safe_load((ROOT / "meta" / "runtime.yml").read_text())["action_groups"]
    (extended,) = (entry["metadata"]["extend_group"] for entry in groups["aws"])
    listed = groups["own"]
    wanted = {*(modules() - NOT_AWS), *upstream()}
    said = [f"meta/runtime.yml: {name} is not in the action group" for name in sorted(wanted - set(listed))]
    said += [f"meta/runtime.yml: {name} is no module, or is not used" for name in sorted(set(listed) - wanted)]
    said += [] if set(extended) == EXTENDED else [f"meta/runtime.yml: the group aws must extend {', '.join(sorted(EXTENDED))}"]
    return said + (["meta/runtime.yml: the action group is not sorted"] if listed != sorted(listed) else [])


def upstream() -> set[str]:
    """Modules of the upstream collections that our playbooks and roles run."""
    files = [*(ROOT / "roles").glob("*/tasks/*.yml"), *(ROOT / "playbooks").glob("*.yml")]
    return {name for file in files for name in re.findall(r"^\s+((?:amazon|community)\.aws\.\w+):", file.read_text(), re.MULTILINE)}


def role_interfaces() -> list[str]:
    """defaults/main.yml and argument_specs say the same; each role has a README, main and destroy."""
    said = []
    for role in sorted(roles()):
        folder = ROOT / "roles" / role
        specs = yaml.safe_load((folder / "meta" / "argument_specs.yml").read_text())["argument_specs"]
        options = {name: option for entry in specs.values() for name, option in entry.get("options", {}).items()}
        defaults = yaml.safe_load((folder / "defaults" / "main.yml").read_text()) if (folder / "defaults" / "main.yml").exists() else {}
        said += [f"roles/{role}: no {file}" for file in ("README.md", "meta/main.yml", "tasks/main.yml") if not (folder / file).exists()]
        for name, value in (defaults or {}).items():
            if name not in options:
                said.append(f"roles/{role}: {name} is not in argument_specs")
            elif options[name].get("default", value if _template(value) else None) != value:
                said.append(f"roles/{role}: the default of {name} is {value!r}, argument_specs says {options[name].get('default')!r}")
        extra = sorted(name for name, option in options.items() if "default" in option and name not in (defaults or {}))
        said += [f"roles/{role}: {name} has a default in argument_specs only" for name in extra]
    return said


def _template(value: Any) -> bool:
    """A default that is a template cannot be held against the type of its option, so the specification may leave it out."""
    return "{{" in str(value)


def changelog() -> list[str]:
    return _said(["antsibull-changelog", "lint"], ROOT)


def markup() -> list[str]:
    """antsibull-docs takes of a dependency inside a checkout only what git knows, which is nothing of .venv: git may not look above it."""
    command = ["antsibull-docs", "lint-collection-docs", "--plugin-docs", "--skip-rstcheck", "--validate-collection-refs=self", "."]
    return _said(command, HERE, GIT_CEILING_DIRECTORIES=sys.prefix)


def _said(command: list[str], where: Path, **environment: str) -> list[str]:
    done = subprocess.run(command, cwd=where, env={**os.environ, **environment}, capture_output=True, text=True, check=False)
    return [f"{' '.join(command)}:\n{done.stdout}{done.stderr}"] if done.returncode else []


def main() -> int:
    checks = (missing_documentation, action_group, role_interfaces, changelog, markup)
    failed = 0
    for check in checks:
        said = check()
        failed += bool(said)
        print("\n".join(said) if said else f"{check.__name__}: ok")
    print(f"{len(checks) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
