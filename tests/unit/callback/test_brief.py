"""What is left of a failure for a person."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.callback import brief


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"msg": "Task failed: Module failed: there is no service web"}, "there is no service web"),
        ({"msg": "Task failed: Action failed: shop_local: 1 problem"}, "shop_local: 1 problem"),
        ({"msg": "it crashed", "module_stderr": "Traceback\nline\nValueError: x\n"}, "it crashed\n  Traceback\n  line\n  ValueError: x"),
    ],
)
def test_the_message_is_what_is_said(result: dict[str, str], said: str) -> None:
    assert brief.words(result) == said
