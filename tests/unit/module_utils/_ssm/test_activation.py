"""Which activation is kept, which goes, and what a new one is."""

from datetime import UTC, datetime, timedelta

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Output
from ansible_collections.railyard.fargate.plugins.module_utils._ssm import activation

NOW = datetime(2030, 1, 1, 12, tzinfo=UTC)
TAGS = {"application": "shop", "place": "office"}
WANTED = {
    "state": "present",
    "renew": False,
    "tags": TAGS,
    "code_parameter": "/shop/CODE",
    "iam_role": "node",
    "default_instance_name": None,
    "description": None,
    "registration_limit": 1,
    "minutes": 60,
}
ITEM = {
    "activation_id": "a",
    "iam_role": "node",
    "registration_limit": 1,
    "registrations_count": 0,
    "expired": False,
    "created_date": NOW.isoformat(),
    "tags": TAGS,
}
NOTHING = {"name": "/shop/CODE", "exists": False}


def stored(seconds: int = 1, kind: str = "SecureString"):
    return {"name": "/shop/CODE", "exists": True, "type": kind, "last_modified_date": (NOW + timedelta(seconds=seconds)).isoformat()}


def operations(*activations, parameter=None, **wanted):
    live = activation.Live(list(activations), parameter or stored(), NOW)
    return [step.operation for step in activation.make_plan({**WANTED, **wanted}, live).steps]


NEW = ["CreateActivation", "PutParameter"]


@pytest.mark.parametrize(
    ("difference", "wanted", "parameter"),
    [
        ({"expired": True}, {}, stored()),
        ({"registrations_count": 1}, {}, stored()),
        ({"iam_role": "other"}, {}, stored()),
        ({"registration_limit": 5}, {}, stored()),
        ({"default_instance_name": "other"}, {}, stored()),
        ({}, {"renew": True}, stored()),
        ({}, {}, NOTHING),
        ({}, {}, stored(-1)),
    ],
    ids=["expired", "used up", "other role", "other limit", "other name", "asked", "no code", "code of an earlier one"],
)
def test_unsuitable_activation_is_replaced(difference, wanted, parameter) -> None:
    assert operations({**ITEM, **difference}, parameter=parameter, **wanted) == ["DeleteActivation", *NEW]


def test_a_good_one_stays_and_its_doubles_go() -> None:
    assert operations(ITEM) == []
    assert operations(ITEM, {**ITEM, "activation_id": "b"}) == ["DeleteActivation"]
    assert operations(parameter=NOTHING) == NEW


def test_absent_deletes_all_and_the_code() -> None:
    assert operations(ITEM, {**ITEM, "activation_id": "b"}, state="absent") == ["DeleteActivation", "DeleteActivation", "DeleteParameter"]
    assert operations(parameter=NOTHING, state="absent") == []


def test_the_plan_never_holds_the_code() -> None:
    first, second = activation.make_plan(WANTED, activation.Live([], NOTHING, NOW)).steps
    assert first.params["ExpirationDate"] == NOW + timedelta(minutes=60)
    assert second.params["Value"] == Output("CreateActivation", "ActivationCode") and second.params["Type"] == "SecureString"
    assert "Overwrite" not in second.params and second.params["Tags"]
    again = activation.make_plan(WANTED, activation.Live([], stored(), NOW)).steps[1]
    assert again.params["Overwrite"] and "Tags" not in again.params
    assert "secret" not in repr(activation.Activation("a", "secret"))


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"iam_role": "arn:aws:iam::123456789012:role/node"}, "not its ARN"),
        ({"minutes": 0}, "1 to 43200 minutes"),
        ({"minutes": 43201}, "1 to 43200 minutes"),
        ({"registration_limit": 0}, "1 to 1000 nodes"),
    ],
)
def test_what_aws_would_refuse_is_said_first(wanted, said) -> None:
    with pytest.raises(RailyardError, match=said):
        activation.request({**WANTED, **wanted}, NOW)


def test_a_readable_parameter_is_refused() -> None:
    with pytest.raises(RailyardError, match="readable without decryption"):
        operations(parameter=stored(kind="String"))
