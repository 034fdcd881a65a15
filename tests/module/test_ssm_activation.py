"""ssm_activation against the emulated Systems Manager."""

from __future__ import annotations

import json
from typing import Any

import boto3
import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._ssm import activation
from tests.support.emulated import REGION, Emulated
from tests.support.walk import differences

ROLE, CODE = "shop-production-console", "/shop/production/OFFICE_ACTIVATION"
TAGS = {"application": "shop", "environment": "production", "place": "office"}
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"Service": "ssm.amazonaws.com"}, "Action": "sts:AssumeRole"}]}


@pytest.fixture(autouse=True)
def role(emulated: Emulated) -> None:
    emulated.client("iam").create_role(RoleName=ROLE, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", **TRUST}))


def keep(emulated: Emulated, **params: Any) -> dict[str, Any]:
    return emulated.run("ssm_activation", **{"iam_role": ROLE, "code_parameter": CODE, "tags": TAGS, "minutes": 600, **params})


def activations(emulated: Emulated) -> list[str]:
    return [item["ActivationId"] for item in emulated.client("ssm").describe_activations()["ActivationList"]]


def code(emulated: Emulated) -> str:
    parameter = emulated.client("ssm").get_parameter(Name=CODE, WithDecryption=True)["Parameter"]
    assert parameter["Type"] == "SecureString"
    return str(parameter["Value"])


def test_made_once_renewed_when_asked_and_deleted(emulated: Emulated) -> None:
    before = emulated.writes()
    predicted = keep(emulated, check=True)
    assert predicted["changed"] and emulated.writes() == before

    created = keep(emulated)
    assert created["changed"] and differences("ssm_activation", created) == []
    assert created["activation"]["activation_id"] in activations(emulated)
    secret = code(emulated)
    assert len(secret) >= 20 and secret not in json.dumps(created)

    again = keep(emulated)
    assert not again["changed"] and again["activation"] == created["activation"] and code(emulated) == secret

    renewed = keep(emulated, renew=True)
    assert renewed["changed"] and activations(emulated) == [renewed["activation"]["activation_id"]]
    assert code(emulated) not in {secret, *json.dumps(renewed).split('"')}

    assert keep(emulated, state="absent", check=True)["changed"]
    assert keep(emulated, state="absent")["activation"] is None and activations(emulated) == []
    assert emulated.refused("ssm", "get_parameter", Name=CODE)[0] == "ParameterNotFound"
    assert not keep(emulated, state="absent")["changed"]


def test_a_code_that_was_never_stored_makes_room_for_another(emulated: Emulated) -> None:
    emulated.client("ssm").create_activation(IamRole=ROLE, Tags=[{"Key": key, "Value": text} for key, text in TAGS.items()])
    lost = activations(emulated)
    made = keep(emulated)
    assert made["changed"] and activations(emulated) == [made["activation"]["activation_id"]] != lost
    assert not keep(emulated)["changed"]


def test_an_expired_one_is_replaced_and_others_are_left(emulated: Emulated) -> None:
    emulated.client("ssm").create_activation(IamRole=ROLE, Tags=[{"Key": "application", "Value": "blog"}])
    (other,) = activations(emulated)
    first = keep(emulated)
    # A moment that AWS was told is not shortened, unlike what takes AWS time.
    emulated.advance(11 * 3600 * emulated.state.speed)
    second = keep(emulated)
    assert second["changed"] and second["activation"]["activation_id"] != first["activation"]["activation_id"]
    assert set(activations(emulated)) == {other, second["activation"]["activation_id"]}


def test_what_is_refused_before_anything_is_written(emulated: Emulated) -> None:
    before = emulated.writes()
    assert "not its ARN" in keep(emulated, iam_role="arn:aws:iam::123456789012:role/x")["msg"]
    assert "30 days" in keep(emulated, minutes=50000)["msg"]
    assert "found again by its tags" in keep(emulated, tags={})["msg"]
    assert emulated.writes() == before


def test_a_lost_reply_leaves_no_second_activation(emulated: Emulated) -> None:
    """botocore asks again, and AWS makes another one, with a code that somebody knows."""
    ssm = boto3.client("ssm", REGION, endpoint_url=emulated.state.url, aws_access_key_id="EMULATOR", aws_secret_access_key="x")
    ssm.meta.events.register_first("needs-retry.ssm.CreateActivation", lambda attempts, **_seen: 0 if attempts == 1 else None)
    made = activation.create(ssm, {"iam_role": ROLE, "minutes": 60, "tags": TAGS})
    assert emulated.writes().count("ssm:CreateActivation") == 2
    assert activations(emulated) == [made.id] and made.code not in repr(made)
    assert activation.delete(ssm, made.id) and not activation.delete(ssm, made.id)
