"""What a person is told to do after a failure fits its kind."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._release import failures

PENDING = [{"version": "1", "name": "AddTotal", "destructive": []}]


@pytest.mark.parametrize(
    ("stage", "details", "said", "not_said"),
    [
        ("migrate", {"kind": "failed", "pending": PENDING}, "Fix the migration", "could not begin"),
        ("migrate", {"kind": "failed", "pending": []}, "the image could not begin to migrate", "Fix the migration"),
        ("migrate", {"kind": "never_started"}, "Fix what the task lacks", "Fix the migration"),
        ("migrate", {"kind": "refused"}, "The same command again", "Fix"),
        ("migrate", {"kind": "timeout"}, "playbooks/sweep.yml", "Fix"),
        ("migrate", {"kind": "destructive_migrations"}, "No deployment was started", "Fix"),
        ("deploy", {}, "Fix it, push, and release the new image", "migration"),
        ("workers", {}, "deploys the workers", "Fix"),
        (None, {}, "Nothing was done", "Fix"),
    ],
)
def test_next_step_by_stage_and_kind_of_failure(stage: str | None, details: dict[str, object], said: str, not_said: str) -> None:
    advice = failures.next_step(stage, RailyardError("it failed", **details))
    assert said in advice and not_said not in advice


def test_message_names_the_live_release_once() -> None:
    one = "web: deployment d-1 of x failed: no reason. Live now: shop-web:2 behind blue 100 %."
    said = failures.LIVE_NOW.sub("", f"{one}; {one}")
    assert said == "web: deployment d-1 of x failed: no reason.; web: deployment d-1 of x failed: no reason."


def test_a_record_keeps_what_is_said_and_announces_nothing() -> None:
    said = "web: two new tasks stopped the same way; container web ended with exit code 1; its last lines:\n  KeyError: REDIS_URL"
    assert failures.result(said) == "web: two new tasks stopped the same way; container web ended with exit code 1"
    assert failures.result("") == "" and failures.result("it failed\nNext: …") == "it failed"
