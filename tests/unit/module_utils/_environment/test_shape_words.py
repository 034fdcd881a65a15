"""Markup of the documentation does not get into messages."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._environment import shape


@pytest.mark.parametrize(
    ("documented", "said"),
    [
        ("Name of the environment, V(production) or V(staging).", "name of the environment, production or staging."),
        ("When, as C(cron(0 18 * * ? *)) for example.", "when, as cron(0 18 * * ? *) for example."),
    ],
)
def test_markup_is_taken_out(documented: str, said: str) -> None:
    assert shape.example("option", {"description": documented, "type": "str"}).partition(": ")[2] == said
