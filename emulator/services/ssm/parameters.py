"""Parameter Store: writing. What it refuses is in rules/ssm/parameters.py.
https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
"""

from __future__ import annotations

import json
import re
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import managed_nodes
from .parameter_store import DEFAULT_KEY, Parameter, Version, find, parameters, plain_name, version

MOST_VERSIONS = 100
STANDARD_SIZE = 4096
LABEL = re.compile(r"(?!\d)(?!aws|ssm)[A-Za-z0-9_.-]{1,100}", re.IGNORECASE)


def tier_of(wanted: str | None, value: str, policies: bool, before: str | None) -> str:
    """The tier that a write leads to. An advanced parameter stays one; Intelligent-Tiering takes what the write needs."""
    if before == "Advanced" or wanted == "Advanced":
        return "Advanced"
    if wanted == "Intelligent-Tiering" and (len(value) > STANDARD_SIZE or policies):
        return "Advanced"
    return "Standard"


@operation("ssm", "PutParameter")
def put_parameter(call: Call) -> dict[str, Any]:
    """A new parameter, or a new version in which what was not said stays as it was."""
    wanted, held = call.params, parameters(call)
    before = held.get(wanted["Name"])
    old = before.latest if before else None
    made = _version(call, old)
    if before is None:
        tags = {tag["Key"]: tag["Value"] for tag in wanted.get("Tags", [])}
        held[wanted["Name"]] = Parameter(wanted["Name"], [made], tags)
    else:
        before.versions.append(made)
        del before.versions[:-MOST_VERSIONS]
    return {"Version": made.number, "Tier": made.tier}


def _version(call: Call, old: Version | None) -> Version:
    wanted = call.params
    kind = wanted.get("Type") or (old.type if old else "String")
    kept_key = old.key_id if old else ""
    policies = wanted.get("Policies")
    return Version(
        number=old.number + 1 if old else 1,
        value=wanted["Value"],
        type=kind,
        modified=world.clock.utc(),
        user=f"arn:aws:iam::{call.account}:root",
        tier=tier_of(wanted.get("Tier"), wanted["Value"], bool(policies), old.tier if old else None),
        data_type=wanted.get("DataType") or (old.data_type if old else "text"),
        description=wanted.get("Description", old.description if old else ""),
        allowed_pattern=wanted.get("AllowedPattern", old.allowed_pattern if old else ""),
        key_id=(wanted.get("KeyId") or kept_key or DEFAULT_KEY) if kind == "SecureString" else "",
        policies=_policies(policies) if policies else old.policies if old else [],
    )


def _policies(text: str) -> list[dict[str, str]]:
    listed = json.loads(text) if text.strip() not in ("{}", "[{}]") else []
    return [{"PolicyText": json.dumps(policy), "PolicyType": policy["Type"], "PolicyStatus": "Pending"} for policy in listed]


@operation("ssm", "DeleteParameter")
def delete_parameter(call: Call) -> dict[str, Any]:
    del parameters(call)[find(call, call.params["Name"]).name]
    return {}


@operation("ssm", "DeleteParameters")
def delete_parameters(call: Call) -> dict[str, Any]:
    """Unknown names are no error; they come back as invalid."""
    held, names = parameters(call), call.params["Names"]
    deleted = [name for name in dict.fromkeys(names) if held.pop(plain_name(call, name), None)]
    return {"DeletedParameters": deleted, "InvalidParameters": [name for name in names if name not in deleted]}


@operation("ssm", "LabelParameterVersion")
def label_parameter_version(call: Call) -> dict[str, Any]:
    """A label belongs to one version: it moves. Labels of a wrong form come back as invalid."""
    parameter = find(call, call.params["Name"])
    target = version(parameter, str(call.params.get("ParameterVersion") or parameter.latest.number))
    good = [label for label in dict.fromkeys(call.params["Labels"]) if LABEL.fullmatch(label)]
    if len({*target.labels, *good}) > 10:
        words = "A parameter version can have maximum 10 labels. Move one or more labels to another version and try again."
        raise Refusal("ParameterVersionLabelLimitExceeded", words)
    for each in parameter.versions:
        each.labels = [label for label in each.labels if label not in good]
    target.labels += good
    bad = [label for label in call.params["Labels"] if label not in good]
    return {"InvalidLabels": bad, "ParameterVersion": target.number}


@operation("ssm", "UnlabelParameterVersion")
def unlabel_parameter_version(call: Call) -> dict[str, Any]:
    parameter = find(call, call.params["Name"])
    target = version(parameter, str(call.params["ParameterVersion"]))
    removed = [label for label in call.params["Labels"] if label in target.labels]
    target.labels = [label for label in target.labels if label not in removed]
    return {"RemovedLabels": removed, "InvalidLabels": [label for label in call.params["Labels"] if label not in removed]}


def _tagged(call: Call) -> Parameter | managed_nodes.Tagged | None:
    """The parameter or node that a tag operation is about; None when it is about something else, which moto answers."""
    if call.params["ResourceType"] == "ManagedInstance":
        return managed_nodes.tagged(call)
    if call.params["ResourceType"] != "Parameter":
        return None
    found = parameters(call).get(plain_name(call, call.params["ResourceId"]))
    if found is None:
        raise Refusal("InvalidResourceId", "The resource ID is not valid. Verify that you entered the correct ID and try again.")
    return found


@operation("ssm", "AddTagsToResource")
def add_tags_to_resource(call: Call) -> dict[str, Any]:
    parameter = _tagged(call)
    if parameter is None:
        return world.forward(call)
    tags = {**parameter.tags, **{tag["Key"]: tag["Value"] for tag in call.params["Tags"]}}
    if len(tags) > 50:
        raise Refusal(
            "TooManyTagsError", "The Targets parameter includes too many tags. Remove one or more tags and try the command again."
        )
    parameter.tags = tags
    return {}


@operation("ssm", "RemoveTagsFromResource")
def remove_tags_from_resource(call: Call) -> dict[str, Any]:
    parameter = _tagged(call)
    if parameter is None:
        return world.forward(call)
    for key in call.params["TagKeys"]:
        parameter.tags.pop(key, None)
    return {}


@operation("ssm", "ListTagsForResource")
def list_tags_for_resource(call: Call) -> dict[str, Any]:
    parameter = _tagged(call)
    if parameter is None:
        return world.forward(call)
    return {"TagList": [{"Key": key, "Value": value} for key, value in parameter.tags.items()]}
