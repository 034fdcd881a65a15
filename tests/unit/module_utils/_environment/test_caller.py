"""Who asks for something."""

from __future__ import annotations

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._environment.caller import requested_by


@pytest.mark.parametrize(
    ("arn", "user", "wanted"),
    [
        ("arn:aws:iam::123456789012:user/anna", "deborah", "user/anna by deborah"),
        ("arn:aws:iam::123456789012:user/anna", "", "user/anna"),
        ("arn:aws:iam::123456789012:root", "deborah", "root by deborah"),
        ("arn:aws-cn:sts::123456789012:assumed-role/deployer/anna@example.com", "d", "assumed-role/deployer/anna@example.com by d"),
        ("arn:aws:sts::123456789012:assumed-role/a/b:c,d", "Zoë (it's)", "assumed-role/a/b:c-d by Zoë -it-s-"),
        ("arn:aws:sts::123456789012:assumed-role/" + "a" * 200, "deborah", "assumed-role/" + "a" * 115),
    ],
)
def test_the_caller_comes_first_and_the_user_beside(arn: str, user: str, wanted: str) -> None:
    assert requested_by(arn, user) == wanted
