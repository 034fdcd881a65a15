"""What a person asks for, and what follows from it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._console import request
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from tests.support.names import names

PRODUCTION = request.Request(names("shop", "production"), requested_by="deborah")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({}, "bin/rails console --sandbox"),
        ({"write": True}, "bin/rails console"),
        ({"protected": False}, "bin/rails console"),
        ({"protected": False, "command": "bin/rails dbconsole"}, "bin/rails dbconsole"),
        ({"command": "bin/rails console -e production --sandbox"}, "bin/rails console -e production --sandbox"),
    ],
)
def test_the_sandbox_is_there_unless_somebody_asks_for_more(changes: dict[str, object], line: str) -> None:
    wanted = replace(PRODUCTION, **changes)  # type: ignore[arg-type]
    request.check(wanted)
    assert request.line(wanted) == line
    assert request.parameters(wanted) == {"command": [line]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"command": "bash"}, "-e write=yes"),
        ({"mode": "ssh"}, "hybrid or exec"),
        ({"minutes": 0}, "1 to 1440"),
        ({"reason": "x" * 257}, "at most 256"),
        ({"mode": "exec", "forward": 0}, "hybrid only"),
        ({"write": True, "command": "bin/rails db:migrate"}, "`bin/rails db:migrate` changes the schema.*playbooks/migrate.yml"),
        ({"write": True, "protected": False, "command": "psql -c 'DROP TABLE orders'"}, "changes the schema.*playbooks/run.yml"),
    ],
)
def test_invalid_consoles_are_refused(changes: dict[str, object], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        request.check(replace(PRODUCTION, **changes))  # type: ignore[arg-type]


@pytest.mark.parametrize("command", ["it's", "  "])
def test_a_line_that_is_no_command(command: str) -> None:
    with pytest.raises(RailyardError):
        request.words(replace(PRODUCTION, command=command))


def test_everything_that_is_made_can_be_found_by_whom_and_for_what() -> None:
    other = replace(PRODUCTION, identity="console-2")
    assert PRODUCTION.tags.items() >= {"application": "shop", "environment": "production", "requested-by": "deborah"}.items()
    assert PRODUCTION.tags["console"] == PRODUCTION.identity != other.tags["console"]
    assert replace(PRODUCTION, requested_by="deborah (on call)\n").tags["requested-by"] == "deborah -on call--"


def test_a_container_gets_its_activation_by_environment_and_an_end() -> None:
    made = request.container(PRODUCTION, {"id": "a1", "code": "c1", "region": "eu-west-1"})
    assert made["command"] == ["bin/console-node"] and "c1" not in " ".join(made["command"])
    assert made["environment"]["RAILYARD_CONSOLE_LIFETIME"] == "3600"
    assert request.container(replace(PRODUCTION, minutes=1)) == {"command": ["sleep", "60"], "environment": {}}


def test_what_is_remembered_says_who_why_and_whether_it_may_write() -> None:
    assert request.remark(replace(PRODUCTION, reason="a look")) == "deborah: a look"
    assert request.remark(replace(PRODUCTION, reason="a fix", write=True)) == "deborah, writes: a fix"
    assert request.remark(replace(PRODUCTION, forward=0, reason="indexes")) == "deborah, port of the database: indexes"
    assert len(request.remark(replace(PRODUCTION, requested_by="d" * 300))) == 256
