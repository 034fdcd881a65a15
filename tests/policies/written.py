"""The files that are shipped: templates, and what they are for the example."""

from __future__ import annotations

from pathlib import Path

from tests.support.names import names

from . import calls, documents

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES, TEMPLATES = ROOT / "docs" / "policies", ROOT / "playbooks" / "templates" / "policies"
# Of the role that stages of a pipeline run with.
STEP = ROOT / "roles" / "pipeline" / "templates"


def template_of(name: str) -> Path:
    """The template of a document."""
    return (STEP if name.startswith(calls.PIPELINE) else TEMPLATES) / f"{name}.json.j2"


def made() -> dict[Path, str]:
    """Each file and what is to be in it."""
    example = names("shop", "production", railyard_account_id="111111111111")
    found = {}
    for person in (*calls.PERSONS, calls.PIPELINE):
        for name, statements in documents.files(person, calls.of(person)).items():
            text = documents.template(statements)
            found[template_of(name)] = text
            found[EXAMPLES / f"{name}.json"] = documents.rendered(text, example)
    return found


def different() -> list[str]:
    """The files that are not as they are to be."""
    wanted = made()
    paths = {*EXAMPLES.glob("*.json"), *TEMPLATES.glob("*.j2"), *STEP.glob(f"{calls.PIPELINE}-*.json.j2"), *wanted}
    return sorted(str(path.relative_to(ROOT)) for path in paths if not path.exists() or path.read_text() != wanted.get(path))


def write() -> list[str]:
    """Write them; a line about each."""
    said = []
    for path in {*EXAMPLES.glob("*.json"), *TEMPLATES.glob("*.j2"), *STEP.glob(f"{calls.PIPELINE}-*.json.j2")} - set(made()):
        path.unlink()
    for path, text in made().items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        said.append(f"{path.relative_to(ROOT)}: {documents.size(text)} characters")
    return said
