"""Which connection is kept, and what a person is told."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codeconnections import connection
from ansible_collections.railyard.fargate.plugins.module_utils._core import ownership
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError

ARN = "arn:aws:codeconnections:eu-west-1:123456789012:connection/{}"
OWNER = ownership.of("shop", "production")


class Listed:
    """A client whose list comes in pages of one."""

    def __init__(self, *connections: tuple[str, str, dict[str, str]]) -> None:
        self.items = [(name, status, labels, ARN.format(number)) for number, (name, status, labels) in enumerate(connections)]

    def list_connections(self, **params: Any) -> dict[str, Any]:
        start = int(params.get("NextToken", "0"))
        name, status, _labels, arn = self.items[start]
        one = {"ConnectionName": name, "ConnectionStatus": status, "ConnectionArn": arn, "ProviderType": "GitHub", "OwnerAccountId": "1"}
        return {"Connections": [one], **({"NextToken": str(start + 1)} if start + 1 < len(self.items) else {})}

    def list_tags_for_resource(self, **params: Any) -> dict[str, Any]:
        labels = next(labels for _name, _status, labels, arn in self.items if arn == params["ResourceArn"])
        return {"Tags": [{"Key": key, "Value": value} for key, value in labels.items()]}


@pytest.mark.parametrize(
    ("listed", "found"),
    [
        ([("other", "AVAILABLE", OWNER)], None),
        ([("shop", "PENDING", {}), ("shop", "AVAILABLE", {})], 1),
        ([("shop", "AVAILABLE", {}), ("shop", "PENDING", OWNER)], 1),
        ([("x", "AVAILABLE", OWNER), ("shop", "PENDING", OWNER), ("shop", "AVAILABLE", OWNER)], 2),
    ],
)
def test_of_several_the_one_that_is_ours_and_works(listed: list[tuple[str, str, dict[str, str]]], found: int | None) -> None:
    kept = connection.find(Listed(*listed), "shop", OWNER)
    assert (kept and kept["arn"]) == (None if found is None else ARN.format(found))


def wanted(**more: Any) -> dict[str, Any]:
    return {"name": "shop", "provider_type": None, "host_arn": None, "state": "present", "tags": OWNER, "purge_tags": True, **more}


def test_a_creation_is_asked_for_once() -> None:
    (step,) = connection.make_plan(wanted(), None).steps
    assert step.once and step.params["ProviderType"] == "GitHub" and {one["Key"] for one in step.params["Tags"]} == set(OWNER)
    with pytest.raises(RailyardError, match="33 characters; AWS takes at most 32"):
        connection.make_plan(wanted(name="x" * 33), None)


@pytest.mark.parametrize(
    ("status", "said"), [("PENDING", "waits for its handshake: a person opens https"), ("ERROR", "is in ERROR"), ("AVAILABLE", "")]
)
def test_what_a_person_is_told(status: str, said: str) -> None:
    found = connection.about({"name": "shop", "arn": ARN.format("a-b"), "status": status, "provider_type": "GitHub"})
    assert found["link"] == "https://eu-west-1.console.aws.amazon.com/codesuite/settings/123456789012/eu-west-1/connections/a-b"
    assert (said in found["next"]) if said else found["next"] == ""
    assert connection.about(None) == {} and connection.link("shop") == ""
