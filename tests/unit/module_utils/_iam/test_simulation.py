"""What a role may not do, out of IAM's simulation."""

from __future__ import annotations

from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._iam import simulation

ROLE = "arn:aws:iam::123456789012:role/shop"


class Simulated:
    """A client of IAM that tells these decisions, one list for each call."""

    def __init__(self, *answers: list[tuple[str, str, list[str]]]) -> None:
        self.answers = list(answers)

    def can_paginate(self, _name: str) -> bool:
        return False

    def simulate_principal_policy(self, **_params: Any) -> dict[str, Any]:
        listed = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return {
            "EvaluationResults": [
                {"EvalActionName": name, "EvalDecision": said, "MissingContextValues": keys} for name, said, keys in listed
            ]
        }


def refused(*answers: list[tuple[str, str, list[str]]]) -> list[str]:
    times = iter(range(0, 1000, 5))
    clock = Clock(now=lambda: float(next(times)), sleep=lambda _seconds: None)
    return list(simulation.refused(Simulated(*answers), ROLE, ["s3:GetObject"], "*", {}, clock))


def test_what_is_denied_and_what_cannot_be_told() -> None:
    assert refused([("s3:GetObject", "allowed", []), ("s3:PutObject", "implicitDeny", [])]) == ["s3:PutObject"]
    assert refused([("s3:PutObject", "explicitDeny", [])]) == ["s3:PutObject"]
    assert refused([("s3:PutObject", "implicitDeny", ["aws:SourceVpce"])]) == []


def test_a_policy_that_was_just_written_may_show_later() -> None:
    assert refused([("s3:GetObject", "implicitDeny", [])], [("s3:GetObject", "allowed", [])]) == []
