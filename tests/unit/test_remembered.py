"""What runs of the tests' player remember is what they would work out themselves."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template

from tests.support import remembered


@pytest.fixture(autouse=True)
def begun(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for owner, name in ((remembered.Environment, "compile"), (DataLoader, "load_from_file")):
        monkeypatch.setattr(owner, name, getattr(owner, name))
    for name, value in (("_codes", {}), ("_files", {}), ("_position", 0), ("ROOT", tmp_path)):
        monkeypatch.setattr(remembered, name, value)
    remembered.begin(tmp_path / "learned")


def test_a_template_is_compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    templar = Templar(DataLoader(), variables={"name": "x"})
    assert templar.template(trust_as_template("<{{ name }}>")) == "<x>"
    remembered._codes.clear()
    remembered.learn()
    monkeypatch.setattr(remembered, "_compile", None)
    assert templar.template(trust_as_template("<{{ name }}>")) == "<x>"


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
