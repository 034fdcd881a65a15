"""The table of rules is what the code says."""

from __future__ import annotations

import re

from emulator import registry, rules_table
from emulator.rules_numbers import numbers


def test_the_table_is_up_to_date() -> None:
    assert rules_table.TABLE.read_text() == rules_table.table(), "run: python -m emulator rules"


def test_every_rule_has_a_known_number_a_source_and_says_what_it_is() -> None:
    registry.load("emulator.services", "emulator.rules")
    assert rules_table.unknown() == []
    for checks in registry.rules.values():
        for rule in checks:
            assert rule.source.startswith("https://"), rule.number
            assert rule.why.endswith("."), rule.check


def test_every_row_is_whole() -> None:
    assert len(numbers()) > 220
    for number, (otherwise, title) in numbers().items():
        assert otherwise in rules_table.OTHERWISE, number
        assert title and not title.endswith("."), number
        assert re.fullmatch(r"(W\d|[A-Z0-9]+(-[A-Z])?-?[A-Z]?\d+)", number)


def test_mentions_are_found() -> None:
    found = rules_table.mentioned("ECS-S1, CD-20 (SSM-P3); R53-1 and ACM-1, W4, ELB-10, AAS-2; ECS-U2 to U4, not SHA-256 alone")
    assert found & set(numbers()) == {
        *("ECS-S1", "CD-20", "SSM-P3", "R53-1", "ACM-1", "W4", "ELB-10", "AAS-2"),
        *("ECS-U2", "ECS-U3", "ECS-U4"),
    }
