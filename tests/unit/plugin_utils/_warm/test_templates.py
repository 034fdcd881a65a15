"""Templates that a worker has compiled are not compiled again by the ones after it; the results are those of ansible-core alone."""

from __future__ import annotations

import copy
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.plugins.loader import lookup_loader
from ansible.template import Templar, trust_as_template

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import templates
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.shared import Shared, Unsupported

VARIABLES = {"name": "x", "many": [1, 2], "nested": trust_as_template("{{ name }}!")}


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    """Of this process, until the end of the test."""
    shared = Shared()
    made = templates.Templates(shared)
    for name in ("compile", "compile_expression"):
        monkeypatch.setattr(made.environment, name, getattr(made.environment, name))
    made.share()
    yield shared
    shared.close()


def templar() -> Templar:
    return Templar(DataLoader(), variables=VARIABLES)


def said(text: str) -> Any:
    return templar().template(trust_as_template(text))


def in_a_worker(text: str) -> None:
    process = os.fork()
    if not process:
        try:
            said(text)
        finally:
            os._exit(0)
    os.waitpid(process, 0)


TEXTS = (
    "{{ name }}",
    "a {{ name }} b",
    "{{ nested }}",
    "{{ many | map('string') | list }}",
    "{{ '\\\\1' ~ name }}",
    "{% for one in many %}{{ one }}\n{% endfor %}",
    "#jinja2: variable_start_string:'[[', variable_end_string:']]'\n[[ name ]] {{ name }}",
    "{{ lookup('vars', 'na' ~ 'me') }}",
    "{{ {'a': name} }}",
)


def results() -> list[Any]:
    found = [said(text) for text in TEXTS for _time in range(2)]
    found += [templar().evaluate_conditional(trust_as_template(text)) for text in ("name == 'x'", "many is defined and name != 'x'") * 2]
    found += [templar().evaluate_expression(trust_as_template(text)) for text in ("many[0]", "nested") * 2]
    for escapes in (True, False):
        found += [templar().template(trust_as_template("{{ 'a\\\\tb' }}"), escape_backslashes=escapes) for _time in range(2)]
    return found


def test_all_is_as_without(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> None:
    plain = results()
    made: Shared = request.getfixturevalue("shared")
    assert results() == plain
    computed = made.computed
    assert results() == plain and made.computed == computed == len(made.values), "each once"


def test_an_error_in_a_template_is_the_same_each_time(shared: Shared) -> None:
    errors = []
    for _time in range(2):
        with pytest.raises(Exception, match="Syntax error") as raised:
            said("{{ name | }}")
        errors.append(str(raised.value))
    assert errors[0] == errors[1] and not shared.values


def test_what_a_worker_has_compiled_is_there_for_the_next(shared: Shared) -> None:
    in_a_worker("{{ name }} of a worker")
    assert not shared.values
    shared.take()
    assert shared.computed == len(shared.values) == 1
    for _time in range(3):
        in_a_worker("{{ name }} of a worker")
    shared.take()
    assert said("{{ name }} of a worker") == "x of a worker" and shared.computed == 1


def test_when_nobody_takes_it_workers_go_on(shared: Shared) -> None:
    for number in range(5):
        in_a_worker("{{ name }}" + "x" * (1 << 20) + str(number))
    shared.close()
    in_a_worker("{{ name }} after the end")


def test_a_filter_that_a_role_brings_is_called_as_it_wants(shared: Shared, tmp_path: Any) -> None:
    from ansible.plugins.loader import filter_loader

    assert said("{{ name | upper }}") == "X", "Jinja's own"
    (tmp_path / "upper.py").write_text(
        "from jinja2 import pass_context\n"
        "@pass_context\ndef upper(context, value): return value + context.resolve('name')\n"
        "class FilterModule:\n    def filters(self): return {'upper': upper}\n"
    )
    filter_loader.add_directory(str(tmp_path))
    try:
        assert said("{{ name | upper }}") == "xx"
    finally:
        filter_loader._extra_dirs.remove(str(tmp_path))


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [(templates, "__version__", "2.99.0"), (templates.jinja2, "__version__", "4.0.0"), (templates, "FUNCTIONS", {"compile": ["self"]})],
)
def test_what_is_not_known_is_left_alone(owner: Any, name: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, name, value)
    with pytest.raises(Unsupported):
        templates.Templates(Shared())


CHANGING = "{% set _ = many.append(3) %}{% set _ = deep.a.b.append(name) %}{{ many }} {{ deep }} {{ more }} {{ template_path | basename }}"


def test_a_template_of_a_file_copies_little_and_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lookup = sys.modules[lookup_loader.get("ansible.builtin.template", class_only=True).__module__]
    monkeypatch.setattr(lookup, "deepcopy", copy.deepcopy)
    (tmp_path / "changing.j2").write_text(CHANGING)
    text = trust_as_template(f"{{{{ lookup('ansible.builtin.template', '{tmp_path}/changing.j2', template_vars={{'more': 4}}) }}}}")
    variables = {"name": "x", "many": [1, 2], "deep": {"a": {"b": [trust_as_template("{{ name }}!")]}}}
    before = copy.deepcopy(variables)
    plain = Templar(DataLoader(), variables=copy.deepcopy(variables)).template(text)
    templates.copy_less()
    assert Templar(DataLoader(), variables=variables).template(text) == plain
    assert plain.startswith("[1, 2, 3] {'a': {'b': ['x!', 'x']}} 4 changing.j2") and variables == before
    monkeypatch.delattr(lookup, "deepcopy")
    with pytest.raises(Unsupported, match="is not what it was"):
        templates.copy_less()
