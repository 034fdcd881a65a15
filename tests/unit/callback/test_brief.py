"""What is left of a failure for a person."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.callback import brief


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"msg": "Task failed: Module failed: there is no service web"}, "there is no service web"),
        ({"msg": "Task failed: Action failed: shop_local: 1 problem"}, "shop_local: 1 problem"),
        (
            {"msg": "non-zero return code", "rc": 1, "stderr": "no such file\n", "stdout": "one\ntwo"},
            "non-zero return code\n  no such file\n  one\n  two",
        ),
        ({"msg": "non-zero return code", "rc": 1, "stderr": "\n".join("123456789")}, "non-zero return code\n  5\n  6\n  7\n  8\n  9"),
        ({"msg": "censored", "rc": 1, "stderr": "hush", "_ansible_no_log": True}, "censored"),
        ({"msg": "it crashed", "module_stderr": "Traceback\nline\nValueError: x\n"}, "it crashed\n  Traceback\n  line\n  ValueError: x"),
    ],
)
def test_the_message_is_what_is_said(result: dict[str, Any], said: str) -> None:
    assert brief.words(result) == said


def test_repeated_task_shows_a_line_each_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    shown, now = [], [0.0]
    monkeypatch.setattr(brief.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(brief, "time_of_day", lambda: "12:00:00")
    told = brief.CallbackModule()
    monkeypatch.setattr(told, "_display", SimpleNamespace(verbosity=0, display=lambda text, **_given: shown.append(text)))
    seen = SimpleNamespace(
        host=SimpleNamespace(get_name=lambda: "shop_local"),
        task=SimpleNamespace(_uuid="1"),
        task_name="railyard.fargate.rds : await | Wait until the database can be used",
        result={"instances": [{"db_instance_status": "creating"}], "retries": 360, "attempts": 1},
    )
    for moment in range(0, 70, 10):
        now[0] = float(moment)
        told.v2_runner_retry(seen)
    assert shown == [f"12:00:00 Wait until the database can be used: creating, {seconds} s" for seconds in (0, 30, 60)]
    assert brief.sign_of_life("Subnets", {"msg": "DependencyViolation: in use\nmore"}, 4) == "Subnets: DependencyViolation: in use, 4 s"
    assert brief.sign_of_life("Subnets", {"instances": []}, 4) == "Subnets: not yet, 4 s"
