# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Hybrid activations, with which agents outside EC2 register. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html

AWS never shows an activation's code again, and never changes an activation (rules SSM-A3, SSM-A4). What finds one again is its tags.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .._core import aws, shape
from .._core import tags as labels
from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Propagation, Step, apply_plan
from . import secret, value

# A role that was made moments ago is not known everywhere (rules SSM-A1, IAM-11).
FRESH_ROLE = (Propagation("ValidationException", "Nonexistent role", 20), Propagation("ValidationException", "Not existing role", 20))
ABSENT = ("InvalidActivationId", "InvalidActivation")
MOST_MINUTES = 30 * 24 * 60


@dataclass(frozen=True)
class Activation:
    """What an agent registers with. Nobody but the caller of `create` ever has the code."""

    id: str
    code: str = field(repr=False)


@dataclass(frozen=True)
class Live:
    """Activations with our tags, newest first; the parameter that holds a code or None; and AWS's time."""

    activations: list[dict[str, Any]]
    parameter: secret.Fact | None
    now: datetime

    @property
    def newest(self) -> dict[str, Any] | None:
        return next(iter(self.activations), None)

    def stored_since(self, moment: str) -> bool:
        """Whether the parameter was written at that moment, or later."""
        if not self.parameter or not self.parameter["exists"]:
            return False
        return datetime.fromisoformat(str(self.parameter["last_modified_date"])) >= datetime.fromisoformat(moment)


def find(client: Any, tags: dict[str, Any]) -> list[dict[str, Any]]:
    """Activations that carry at least these tags, newest first, in our shape; expired and used-up ones too."""
    return _look(client, tags)[0]


def _look(client: Any, tags: dict[str, Any]) -> tuple[list[dict[str, Any]], datetime]:
    """`find`, and the time by AWS's clock."""
    if not tags:
        raise RailyardError("an activation is found again by its tags; there are none")
    params: dict[str, Any] = {}
    items: list[dict[str, Any]] = []
    while True:
        output = aws.answer(client, "DescribeActivations", **params)
        items += output.get("ActivationList", [])
        if not output.get("NextToken"):
            break
        params["NextToken"] = output["NextToken"]
    listed = shape.output_shape(client, "DescribeActivations", "ActivationList")
    texts = {key: str(text) for key, text in tags.items()}
    ours = [_ours(shape.ours(listed, [item])[0], item.get("Tags")) for item in items]
    found = [item for item in ours if texts.items() <= item["tags"].items()]
    return sorted(found, key=lambda item: str(item["created_date"]), reverse=True), aws.time_of(output)


def _ours(item: dict[str, Any], pairs: Any) -> dict[str, Any]:
    # AWS's model knows no count below one.
    return {"registrations_count": 0} | item | {"tags": labels.as_dict(pairs)}


def is_usable(activation: dict[str, Any]) -> bool:
    """Whether another agent can register with it (rule SSM-A4)."""
    return not activation.get("expired") and activation["registrations_count"] < activation["registration_limit"]


def request(wanted: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Parameters of CreateActivation. Raises RailyardError for what AWS refuses.

    `wanted`: iam_role, minutes, tags; default_instance_name, description and registration_limit if they are not None.
    """
    role, minutes = wanted["iam_role"], wanted["minutes"]
    limit = 1 if wanted.get("registration_limit") is None else wanted["registration_limit"]
    if role.startswith("arn:"):
        raise RailyardError(f"iam_role is {role}; an activation takes a role's name, not its ARN (rule SSM-A1)")
    if not 1 <= minutes <= MOST_MINUTES:
        raise RailyardError(f"minutes is {minutes}; an activation lasts 1 to {MOST_MINUTES} minutes, which are 30 days (rule SSM-A2)")
    if not 1 <= limit <= 1000:
        raise RailyardError(f"registration_limit is {limit}; an activation registers 1 to 1000 nodes (rule SSM-A2)")
    optional = {"DefaultInstanceName": wanted.get("default_instance_name"), "Description": wanted.get("description")}
    return {
        "IamRole": role,
        "RegistrationLimit": limit,
        "ExpirationDate": now + timedelta(minutes=minutes),
        "Tags": labels.as_pairs(wanted["tags"]),
        **{key: text for key, text in optional.items() if text},
    }


def create(client: Any, wanted: dict[str, Any]) -> Activation:
    """A new activation; `wanted` as in `request`. What else carries all its tags is deleted, so they are to be its own.

    botocore asks again when a reply is lost, so that there may be a second activation with a code that nobody knows.
    """
    others, now = _look(client, wanted["tags"])
    step = Step("CreateActivation", request(wanted, now), propagation=FRESH_ROLE)
    made = apply_plan(client, Plan(None, None, (step,)))["CreateActivation"]
    doubles = {item["activation_id"] for item in (*others, *find(client, wanted["tags"]))} - {made["ActivationId"]}
    for double in sorted(doubles):
        delete(client, double)
    return Activation(made["ActivationId"], made["ActivationCode"])


def delete(client: Any, activation_id: str) -> bool:
    """False when it was gone already. Its nodes stay registered (rule SSM-A5)."""
    return aws.find(client, "DeleteActivation", ABSENT, ActivationId=activation_id) is not None


def _deletion(activation: dict[str, Any]) -> Step:
    return Step("DeleteActivation", {"ActivationId": activation["activation_id"]}, already=ABSENT)


def look(client: Any, wanted: dict[str, Any]) -> Live:
    """What is live of the module ssm_activation's activation."""
    name = wanted["code_parameter"]
    if name:
        value.check_name(name)
    activations, now = _look(client, wanted["tags"])
    return Live(activations, secret.facts(client, [name])[0] if name else None, now)


def make_plan(wanted: dict[str, Any], live: Live, first: Live | None = None) -> Plan:
    """`wanted`: the parameters of the module ssm_activation. Only the step that stores the code ever holds it.

    `first` is what was live when this run began, which is what `renew` renews; by default `live`.
    """
    parameter = live.parameter if live.parameter and live.parameter["exists"] else None
    if wanted["state"] == "absent":
        forget = (Step("DeleteParameter", {"Name": parameter["name"]}, already=("ParameterNotFound",)),) if parameter else ()
        return Plan(live.newest, None, (*map(_deletion, live.activations), *forget))
    if parameter and parameter["type"] != "SecureString":
        raise RailyardError(f"{parameter['name']} is a {parameter['type']}, readable without decryption; name another, or delete it first")
    params = request(wanted, live.now)
    kept = _kept(params, live)
    if wanted["renew"] and kept in (first or live).activations:
        kept = None
    stale = [item for item in live.activations if item is not kept]
    if kept:
        return Plan(kept, kept, tuple(map(_deletion, stale)))
    steps = (*map(_deletion, stale), Step("CreateActivation", params, propagation=FRESH_ROLE), _storing(wanted, parameter is not None))
    return Plan(live.newest, _predicted(wanted, params), steps)


def _kept(params: dict[str, Any], live: Live) -> dict[str, Any] | None:
    """The activation that is as declared, with which a node can still register, and whose code is in the parameter."""
    newest = live.newest
    if newest is None or not is_usable(newest) or not live.stored_since(newest["created_date"]):
        return None
    members = {"iam_role": "IamRole", "registration_limit": "RegistrationLimit", "default_instance_name": "DefaultInstanceName"}
    # A name that was not given may come back as an empty one.
    return newest if all((newest.get(key) or None) == params.get(member) for key, member in members.items()) else None


def _storing(wanted: dict[str, Any], exists: bool) -> Step:
    # Overwrite and tags exclude each other (rule SSM-P2).
    how = {"Overwrite": True} if exists else {"Tags": labels.as_pairs(wanted["tags"])}
    code = Output("CreateActivation", "ActivationCode")
    text = {"Description": "Code of a hybrid activation"}
    return Step("PutParameter", {"Name": wanted["code_parameter"], "Type": "SecureString", "Value": code, **text, **how})


def _predicted(wanted: dict[str, Any], params: dict[str, Any]) -> dict[str, Any]:
    return {
        "iam_role": params["IamRole"],
        "default_instance_name": params.get("DefaultInstanceName"),
        "description": params.get("Description"),
        "registration_limit": params["RegistrationLimit"],
        "registrations_count": 0,
        "expiration_date": params["ExpirationDate"].isoformat(),
        "expired": False,
        "tags": labels.as_dict(params["Tags"]),
    }
