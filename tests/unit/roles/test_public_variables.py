"""Public variables: each has an effect, and what an environment's parts are called is decided in one file."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
READERS = (
    "roles/*/tasks/*.yml",
    "roles/*/vars/*.yml",
    "roles/*/templates/*",
    "playbooks/*.yml",
    "playbooks/templates/**/*",
    "plugins/*/*.py",
)
# The pre-flight refuses them as long as nothing is built of them.
REFUSED = {"railyard_domain", "railyard_schedules"}
# They have no other effect than a refusal: of a range that is taken.
CHECKED = {"railyard_peer_cidrs"}


def options() -> list[str]:
    found = set()
    for path in ROOT.glob("roles/*/meta/argument_specs.yml"):
        for entry in yaml.safe_load(path.read_text())["argument_specs"].values():
            found |= set(entry.get("options", {}))
    return sorted(found)


@cache
def words() -> frozenset[str]:
    """Those of everything that uses variables. A variable's own default is no use of it, but another's is."""
    texts = [path.read_text() for pattern in READERS for path in ROOT.glob(pattern) if path.is_file()]
    for path in ROOT.glob("roles/*/defaults/main.yml"):
        texts += [line.partition(":")[2] for line in path.read_text().splitlines() if not line.startswith("#")]
    found = {word for text in texts for word in re.findall(r"\w+", text)}
    # Python makes some names of a prefix and the rest.
    connection = re.findall(r'"(\w+)"', (ROOT / "plugins/lookup/connection.py").read_text())
    return frozenset(found | {f"railyard_{word}" for word in connection})


@pytest.mark.parametrize("option", [option for option in options() if option not in REFUSED | CHECKED])
def test_each_has_an_effect(option: str) -> None:
    assert option in words()


def test_no_role_or_playbook_makes_a_name_of_application_and_environment() -> None:
    made = re.compile(r"railyard_app\s*(\}\}[-/]|~)")
    paths = [*ROOT.glob("roles/*/*/*"), *ROOT.glob("playbooks/**/*.*")]
    assert [str(path.relative_to(ROOT)) for path in paths if path.is_file() and made.search(path.read_text())] == []


def test_no_other_python_makes_a_name_of_application_and_environment() -> None:
    made = re.compile(r'\{[\w.\["\']*app(?:lication)?["\'\]]*\}[-/]\{[\w.\["\']*environment["\'\]]*\}')
    found = {str(path.relative_to(ROOT)) for path in ROOT.glob("plugins/**/*.py") if made.search(path.read_text())}
    assert found == {"plugins/module_utils/_environment/naming.py"}
