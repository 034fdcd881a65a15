"""File and line of a value; nothing, rather than an error, when ansible-core does not say."""

from pathlib import Path

import pytest
from ansible.parsing.dataloader import DataLoader

from ansible_collections.railyard.fargate.plugins.plugin_utils import origin

TEXT = """\
---
railyard_sizes:
  web: {cpu: 512,
        memory: 600}
railyard_protection: true
railyard_secrets:
  - A
  - B
"""


@pytest.fixture
def variables(tmp_path: Path) -> dict:
    file = tmp_path / "main.yml"
    file.write_text(TEXT)
    return dict(DataLoader().load_from_file(str(file)))


@pytest.mark.parametrize(
    ("path", "line"),
    [
        (("railyard_sizes",), 2),
        (("railyard_sizes", "web"), 3),
        (("railyard_sizes", "web", "memory"), 4),
        (("railyard_sizes", "web", "absent", "deeper"), 3),
        (("railyard_protection",), 5),
        (("railyard_secrets", 1), 8),
        (("railyard_secrets", 5), 6),
    ],
)
def test_a_value_or_the_nearest_above_it(variables: dict, path: tuple, line: int, tmp_path: Path) -> None:
    assert origin.locate(variables, path) == (str(tmp_path / "main.yml"), line)


def test_a_file_below_the_current_directory_is_named_as_one_would_type_it(
    variables: dict, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert origin.locate(variables, ("railyard_secrets",)) == ("main.yml", 6)


@pytest.mark.parametrize("path", [("unknown",), (), ("railyard_sizes", 0)])
def test_missing_variables_have_no_origin(variables: dict, path: tuple) -> None:
    assert (origin.locate(variables, path) is None) == (path[:1] != ("railyard_sizes",))


def test_values_without_tags() -> None:
    assert origin.locate({"railyard_app": "shop"}, ("railyard_app",)) is None


@pytest.mark.parametrize("changed", [None, object()])
def test_another_ansible_core(variables: dict, changed: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(origin, "Origin", changed)
    assert origin.locate(variables, ("railyard_sizes", "web", "memory")) is None
