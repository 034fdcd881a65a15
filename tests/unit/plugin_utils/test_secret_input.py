"""What may be the value of a secret, wherever a person has it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail

from ansible_collections.railyard.fargate.plugins.plugin_utils import secret_input


def of_file(tmp_path: Path, data: bytes) -> str:
    (tmp_path / "master.key").write_bytes(data)
    return str(secret_input.from_file(str(tmp_path / "master.key")))


@pytest.mark.parametrize(
    ("data", "value"),
    [
        (b"0123abcd\n", "0123abcd"),
        (b"0123abcd\r\n", "0123abcd"),
        (b" in the middle \n", " in the middle "),
        ("\ufeffwith a mark".encode(), "with a mark"),
        (b"-----BEGIN KEY-----\nabc\n-----END KEY-----\n", "-----BEGIN KEY-----\nabc\n-----END KEY-----"),
        ("schlüssel".encode(), "schlüssel"),
        (b"Nonesuch", "Nonesuch"),
    ],
)
def test_the_line_end_of_a_file_is_no_part_of_the_value(tmp_path: Path, data: bytes, value: str) -> None:
    assert of_file(tmp_path, data) == value


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\t\n", "is empty"),
        (b"None\n", "the word None"),
        (b"null", "the word null"),
        (b"\xff\xfe\x00hush", "not text in UTF-8"),
        (b"hush\0hush", "NUL"),
        (b"4\n", "less than 4 characters"),
    ],
)
def test_what_is_no_value_is_refused_without_being_shown(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(AnsibleActionFail, match=words) as refused:
        of_file(tmp_path, data)
    assert "hush" not in str(refused.value)


def test_a_file_or_a_variable_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(AnsibleActionFail, match="No such file"):
        secret_input.from_file(str(tmp_path / "nowhere"))
    with pytest.raises(AnsibleActionFail, match="Is a directory"):
        secret_input.from_file(str(tmp_path))
    with pytest.raises(AnsibleActionFail, match="is it exported") as caught:
        secret_input.from_environment("hush")
    assert "hush" not in str(caught.value)
    with pytest.raises(AnsibleActionFail, match="No such file") as caught:
        secret_input.from_file("hush")
    assert "hush" not in str(caught.value)


def test_a_variable_is_taken_out_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAILS_MASTER_KEY", "hush")
    assert secret_input.from_environment("RAILS_MASTER_KEY") == "hush" and "RAILS_MASTER_KEY" not in os.environ
    monkeypatch.setenv("RAILS_MASTER_KEY", "hush")
    secret_input.take("RAILS_MASTER_KEY")
    secret_input.take("RAILS_MASTER_KEY")
    assert "RAILS_MASTER_KEY" not in os.environ and secret_input.from_environment("RAILS_MASTER_KEY") == "hush"
    with pytest.raises(AnsibleActionFail, match="is it exported"):
        secret_input.from_environment("RAILS_MASTER_KEY")
    monkeypatch.setenv("RAILS_MASTER_KEY", "")
    with pytest.raises(AnsibleActionFail, match="is empty"):
        secret_input.from_environment("RAILS_MASTER_KEY")
