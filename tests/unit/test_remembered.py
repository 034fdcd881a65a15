"""What runs of the tests' player remember is what they would work out themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import templates
from tests.support import remembered


@pytest.fixture(autouse=True)
def compiled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Sources that ansible-core itself has compiled."""
    environment, _context, _options = templates.check()
    plain, sources = environment.compile, list[str]()

    def compile(self: Any, source: Any, name: Any = None, filename: Any = None, raw: bool = False, defer_init: bool = False) -> Any:
        sources.append(source)
        return plain(self, source, name, filename, raw, defer_init)

    monkeypatch.setattr(environment, "compile", compile)
    for owner, name in ((environment, "compile_expression"), (DataLoader, "load_from_file")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    for name, value in (("_codes", remembered.Codes()), ("_files", {}), ("_position", 0), ("ROOT", tmp_path)):
        monkeypatch.setattr(remembered, name, value)
    remembered.begin(tmp_path / "learned")
    return sources


def test_a_template_is_compiled_once(compiled: list[str]) -> None:
    templar = Templar(DataLoader(), variables={"name": "x"})
    assert templar.template(trust_as_template("<{{ name }}>")) == "<x>"
    remembered._codes.values.clear()
    remembered.learn()
    before = len(compiled)
    assert templar.template(trust_as_template("<{{ name }}>")) == "<x>"
    assert before and len(compiled) == before


def test_other_words_for_templates_are_another_template() -> None:
    text = "<{{ name }}>[[ name ]]"
    assert Templar(DataLoader(), variables={"name": "x"}).template(trust_as_template(text)) == "<x>[[ name ]]"
    other = f"#jinja2: variable_start_string:'[[', variable_end_string:']]'\n{text}"
    assert Templar(DataLoader(), variables={"name": "x"}).template(trust_as_template(other)) == "<{{ name }}>x"


def load(path: Path) -> Any:
    return DataLoader().load_from_file(str(path))


def test_a_file_is_read_once_and_again_when_it_has_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "file.yml"
    path.write_text("a: [1]")
    assert load(path) == {"a": [1]}
    remembered.learn()
    with monkeypatch.context() as patch:
        patch.setattr(remembered, "_load", None)
        first = load(path)
        first["a"].append(2)
    assert load(path) == {"a": [1]}
    path.write_text("a: [3]")
    assert load(path) == {"a": [3]}
    remembered.learn()
    assert load(path) == {"a": [3]}


def test_what_is_handed_out_is_not_what_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "file.yml"
    path.write_text("a: [1]")
    load(path)
    remembered.learn()
    loader = DataLoader()
    loader.load_from_file(str(path))["a"].append(2)
    assert loader.load_from_file(str(path)) == {"a": [1]}


@pytest.mark.parametrize("text", ["$ANSIBLE_VAULT;1.1;AES256\n31\n", "a: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  31\n"])
def test_what_is_encrypted_is_read_by_each_run(tmp_path: Path, text: str) -> None:
    path = tmp_path / "file.yml"
    path.write_text("a: 1")
    load(path)
    path.write_text(text)
    remembered.learn()
    assert not remembered._files[str(path), False, False][1]
