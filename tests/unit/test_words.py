"""One word for each idea (docs/glossary.md), plain titles, and no numbers of internal rules in what users read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collections.railyard.fargate.plugins.module_utils._release import record

ROOT = Path(__file__).resolve().parents[2]
MODULES = sorted((ROOT / "plugins/modules").glob("[a-z]*.py"))
FRAGMENTS = sorted((ROOT / "plugins/doc_fragments").glob("[a-z]*.py"))
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
TASKS = sorted((ROOT / "roles").glob("*/tasks/*.yml"))
SPECS = sorted((ROOT / "roles").glob("*/meta/argument_specs.yml"))
PROSE = [
    path
    for pattern in ("README.md", "CONTRIBUTING.md", "docs/*.md", "docs/docsite/rst/*.rst", "roles/*/README.md")
    for path in sorted(ROOT.glob(pattern))
    # The one is the list itself, the other is generated from the rules of the emulator.
    if path.name not in ("glossary.md", "emulator-rules.md")
]
TESTS = sorted((ROOT / "tests").rglob("test_*.py"))
METAPHORS = re.compile(
    r"\b(obituar(y|ies)|culprits?|doomed|deaf|dying|speaks?( again)?|silent|silence|signs? of life|ways? back|lets? go of|(let|lets) go"
    r"|nobody's way|mends?|mended|look(s|ed)? after|never see it|once more goes|which way)\b",
    re.IGNORECASE,
)
RULE = re.compile(r"\b(AAS|ALB|CB|CC|CD|CP|EC2|ECR|ECS|ELB|IAM|LOG|RDS|S3|SSM)-[A-Z]?\d+\b")


def forbidden() -> dict[str, str]:
    """The right word by each wrong one, from the first table of the glossary."""
    table = (ROOT / "docs/glossary.md").read_text().split("## Words of the documentation")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| `")]
    assert len(rows) > 10 and all(len(row) == 4 for row in rows)
    return {wrong: row[0] for row in rows for wrong in re.findall(r"`(\w+)`", row[3])}


WRONG = forbidden()


def documentation(file: Path, name: str) -> Any:
    found = re.search(rf'^ *{name} = r"""\n(.*?)^ *"""', file.read_text(), re.DOTALL | re.MULTILINE)
    return yaml.safe_load(found[1]) if found else None


def keys(entries: dict[str, Any] | None) -> Iterator[str]:
    for name, entry in (entries or {}).items():
        yield name
        yield from keys(entry.get("contains"))


def titles(tasks: Any) -> Iterator[str]:
    """The names of plays, blocks and tasks."""
    for task in tasks or []:
        yield str(task.get("name", ""))
        for part in ("block", "rescue", "always", "pre_tasks", "tasks", "post_tasks"):
            yield from titles(task.get(part))


def test_glossary_finds_wrong_words() -> None:
    assert (
        WRONG.items() >= {"who": "`requested_by`", "contract": "`allow_destructive_migrations`", "wait_seconds": "`wait_timeout`"}.items()
    )


@pytest.mark.parametrize("file", [*MODULES, *FRAGMENTS], ids=lambda file: file.stem)
def test_options_and_results_have_the_words_of_the_glossary(file: Path) -> None:
    options = (documentation(file, "DOCUMENTATION") or {}).get("options") or {}
    results = list(keys(documentation(file, "RETURN")))
    # `until` and `base` are options; AWS has such members of its own in shapes that are returned.
    wrong = {name: WRONG[name] for name in [*options, *(name for name in results if name not in ("until", "base"))] if name in WRONG}
    assert wrong == {}


@pytest.mark.parametrize("playbook", PLAYBOOKS, ids=lambda file: file.stem)
def test_options_of_playbooks_have_the_words_of_the_glossary(playbook: Path) -> None:
    tables = [play.get("vars", {}).get("__options", {}) for play in yaml.safe_load(playbook.read_text())]
    said = [name for table in tables for name, option in table.items() if "refused" not in option]
    assert [name for name in said if name in WRONG] == []


@pytest.mark.parametrize("file", SPECS, ids=lambda file: file.parents[1].name)
def test_variables_of_roles_have_the_words_of_the_glossary(file: Path) -> None:
    prefix = f"{file.parents[1].name}_"
    entries = yaml.safe_load(file.read_text())["argument_specs"].values()
    names = {name.removeprefix(prefix) for entry in entries for name in entry.get("options") or {}}
    assert sorted(name for name in names if name in WRONG) == []


def test_records_have_the_words_of_the_glossary() -> None:
    assert [name for name in record.BLANK if name in WRONG] == []


@pytest.mark.parametrize("file", [*PLAYBOOKS, *TASKS], ids=lambda file: str(file.relative_to(ROOT)))
def test_titles_of_tasks_are_plain(file: Path) -> None:
    assert [title for title in titles(yaml.safe_load(file.read_text())) if METAPHORS.search(title)] == []


@pytest.mark.parametrize("file", PROSE, ids=lambda file: str(file.relative_to(ROOT)))
def test_documentation_is_plain(file: Path) -> None:
    text = re.sub(r"(`+)[^`]+\1", "", file.read_text())  # Names in code are names.
    assert [line for line in text.splitlines() if METAPHORS.search(line)] == []


@pytest.mark.parametrize("file", [*MODULES, *FRAGMENTS, *SPECS], ids=lambda file: str(file.relative_to(ROOT)))
def test_documentation_of_modules_and_roles_is_plain(file: Path) -> None:
    text = file.read_text() if file in SPECS else "\n".join(user_documentation(file))
    assert [line for line in text.splitlines() if METAPHORS.search(line)] == []


@pytest.mark.parametrize("file", TESTS, ids=lambda file: str(file.relative_to(ROOT)))
def test_names_of_tests_are_plain(file: Path) -> None:
    names = re.findall(r"def test_(\w+)", file.read_text())
    assert [name for name in names if METAPHORS.search(name.replace("_", " "))] == []


def user_documentation(file: Path) -> Iterator[str]:
    for name in ("DOCUMENTATION", "EXAMPLES", "RETURN"):
        found = re.search(rf'^ *{name} = r"""\n(.*?)^ *"""', file.read_text(), re.DOTALL | re.MULTILINE)
        if found:
            yield found[1]


@pytest.mark.parametrize(
    "file", [*MODULES, *FRAGMENTS, *SPECS, *sorted((ROOT / "docs/docsite").rglob("*.rst"))], ids=lambda file: file.stem
)
def test_what_users_read_has_no_numbers_of_internal_rules(file: Path) -> None:
    text = "\n".join(user_documentation(file)) if file.suffix == ".py" else file.read_text()
    assert RULE.findall(text) == []
