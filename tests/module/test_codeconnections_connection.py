"""codeconnections_connection and _info against the emulated CodeConnections."""

from __future__ import annotations

from typing import Any

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "shop-production"
TAGS = {"application": "shop", "environment": "production", "managed-by": "railyard"}


def run(emulated: Emulated, **params: Any) -> dict[str, Any]:
    return emulated.run("codeconnections_connection", **{"name": NAME, "tags": TAGS, **params})


def listed(emulated: Emulated) -> list[dict[str, Any]]:
    return list(emulated.client("codeconnections").list_connections()["Connections"])


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and predicted["connection"] == {
        "name": NAME,
        "status": "PENDING",
        "provider_type": "GitHub",
        "tags": TAGS,
    }
    assert not emulated.writes()

    created = run(emulated)
    assert created["changed"] and differences("codeconnections_connection", created) == []
    assert created["connection"]["status"] == "PENDING" and created["connection"]["arn"] == listed(emulated)[0]["ConnectionArn"]
    assert created["link"].startswith("https://eu-west-1.console.aws.amazon.com/codesuite/settings/123456789012/eu-west-1/connections/")
    assert created["link"] in created["next"] and "owners" in created["next"]
    assert not run(emulated)["changed"]

    changed = run(emulated, tags={**TAGS, "team": "checkout"})
    assert changed["changed"] and changed["diff"]["before"]["tags"] == TAGS
    assert changed["connection"]["tags"] == {**TAGS, "team": "checkout"}
    assert run(emulated)["connection"]["tags"] == TAGS

    other = run(emulated, provider_type="GitLab")
    assert other["failed"] and "cannot become GitLab" in other["msg"]

    found = emulated.run("codeconnections_connection_info", names=[NAME, "none"])
    assert differences("codeconnections_connection_info", found) == [] and [one["name"] for one in found["connections"]] == [NAME]
    by_arn = emulated.run(
        "codeconnections_connection_info", arns=[created["connection"]["arn"], created["connection"]["arn"][:-4] + "0000"]
    )
    assert [one["name"] for one in by_arn["connections"]] == [NAME]

    assert run(emulated, state="absent", check=True)["changed"]
    assert run(emulated, state="absent")["changed"]
    assert listed(emulated) == []
    assert not run(emulated, state="absent")["changed"]


def test_a_lost_reply_makes_no_second_one(emulated: Emulated) -> None:
    """AWS would make another: the connection has neither a token nor a name that is taken."""
    for fault in ("lost", "error"):
        emulated.reset()
        emulated.faults({"fault": fault, "operation": "codeconnections:CreateConnection", "first": 1})
        made = run(emulated)
        assert made["changed"] and made["connection"]["arn"]
        assert len(listed(emulated)) == 1, fault


def test_of_several_of_one_name_it_is_ours(emulated: Emulated) -> None:
    client = emulated.client("codeconnections")
    client.create_connection(ConnectionName=NAME, ProviderType="GitHub", Tags=[{"Key": "team", "Value": "other"}])
    refused = run(emulated)
    assert refused["failed"] and "not ours" in refused["msg"] and "codeconnections tag-resource" in refused["msg"]
    pairs = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    ours = client.create_connection(ConnectionName=NAME, ProviderType="GitHub", Tags=pairs)["ConnectionArn"]
    kept = run(emulated)
    assert not kept["changed"] and kept["connection"]["arn"] == ours
    assert run(emulated, state="absent")["changed"]
    assert len(listed(emulated)) == 1
    left = run(emulated, state="absent")
    assert not left["changed"] and "left alone" in str(left["warnings"])
