"""What Ansible gets of `-e`, and how it has to be typed."""

from __future__ import annotations

import json
import shlex
import subprocess

import pytest
from ansible.parsing.splitter import parse_kv

from ansible_collections.railyard.fargate.plugins.plugin_utils._command_line.extra_vars import Said, quoted, read


def said(*arguments: str) -> list[Said]:
    return list(read(arguments, lambda text: {"of a file": 1} if text.startswith("@") else json.loads(text)))


def test_pairs_are_read_as_ansible_reads_them() -> None:
    assert said("image=3f2c1ab") == [Said("image", "3f2c1ab")]
    assert said("sweep=yes open=yes") == [Said("sweep", "yes"), Said("open", "yes", before="sweep")]
    assert said('command="bin/rails db:seed"') == [Said("command", "bin/rails db:seed")]
    assert said("url=http://a/?b=c") == [Said("url", "http://a/?b=c")]
    assert said("@values.yml") == [Said("of a file", 1, data=True, file=True)]
    assert said('{"command": ["bin/rails", "db:seed"]}') == [Said("command", ["bin/rails", "db:seed"], data=True)]


def test_words_that_the_shell_has_torn_off_stand_with_the_option_before_them() -> None:
    assert said("command=bin/rails db:seed VERBOSE") == [Said("command", "bin/rails", torn="db:seed VERBOSE")]
    assert said("reason=the a=b case") == [Said("reason", "the"), Said("a", "b", torn="case", before="reason")]
    assert said("yes") == [Said("", torn="yes")]


@pytest.mark.parametrize("argument", ["image=", "image=''", 'image=" "', '{"image": null}', '{"image": ""}'])
def test_a_value_that_is_none_is_seen(argument: str) -> None:
    (found,) = said(argument)
    assert (found.name, found.empty) == ("image", True)


@pytest.mark.parametrize("value", ["one", "bin/rails db:seed", "it's due", 'say "no"', "cost $5", "a=b {{ c }}", "ä \\ b"])
def test_what_is_advised_survives_a_shell_and_ansible(value: str) -> None:
    words = subprocess.run(["sh", "-c", f"printf '%s\\0' {quoted('reason', value)}"], capture_output=True, text=True, check=True).stdout
    flag, argument, _ = words.split("\0")
    assert flag == "-e" and shlex.split(quoted("reason", value)) == ["-e", argument]
    assert (json.loads(argument) if argument.startswith("{") else parse_kv(argument)) == {"reason": value}
