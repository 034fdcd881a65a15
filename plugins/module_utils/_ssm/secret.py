# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SecureString parameters whose values never leave. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NotRequired, TypedDict, cast

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Secret, Step
from . import labels, value

Remember = Callable[[str], None]
MEMBERS = {"name": "Name", "arn": "ARN", "type": "Type", "version": "Version"}


class Parameter(TypedDict):
    """A parameter without its value. `tier`, `key_id` and `description` are None while AWS does not describe it yet.

    `up_to_date`: whether it holds the value that is asked for, as far as that is compared.
    """

    name: str
    arn: NotRequired[str]
    type: str
    version: int
    tier: str | None
    key_id: str | None
    description: str | None
    tags: dict[str, str]
    up_to_date: bool


class Fact(TypedDict):
    """Whether a parameter exists, and if it does, its ARN, type, version and when it was written, in ISO 8601."""

    name: str
    exists: bool
    arn: NotRequired[str]
    type: NotRequired[str]
    version: NotRequired[int]
    last_modified_date: NotRequired[str | None]


def find(client: Any, wanted: dict[str, Any], remember: Remember) -> Parameter | None:
    """The parameter in our shape, without its value, or None. `remember` is told each value that is read, so that it can be masked.

    `up_to_date` says whether it holds the value that is asked for; it is looked at only for a composed, or an always overwritten, value.
    """
    name = wanted["name"]
    value.check_name(name)
    compared = wanted["state"] == "present" and _is_compared(wanted)
    found, missing = _read(client, [name, *_parts(wanted)] if compared else [name], remember, decrypt=compared)
    if name not in found:
        return None
    up_to_date = True
    if compared and found[name]["Type"] == "SecureString":
        _refuse(missing)
        up_to_date = found[name]["Value"] == _composed(wanted, {one: item["Value"] for one, item in found.items()}, remember)
    own = {key: found[name][member] for key, member in MEMBERS.items()}
    return cast(Parameter, own | _details(client, name) | {"up_to_date": up_to_date})


def _details(client: Any, name: str) -> dict[str, Any]:
    # A fresh parameter is not described at once; what is not known yet counts as it should be.
    filters = [{"Key": "Name", "Option": "Equals", "Values": [name]}]
    described = aws.pages(client, "DescribeParameters", "Parameters", ParameterFilters=filters)
    about = described[0] if described else {}
    pairs = aws.call(client, "ListTagsForResource", ResourceType="Parameter", ResourceId=name).get("TagList")
    return {
        "tier": about.get("Tier"),
        "key_id": about.get("KeyId"),
        "description": about.get("Description", "" if about else None),
        "tags": tags.as_dict(pairs),
    }


def _is_compared(wanted: dict[str, Any]) -> bool:
    return wanted["template"] is not None or (wanted["value"] is not None and wanted["overwrite"] == "always")


def _parts(wanted: dict[str, Any]) -> list[str]:
    """Names of the parameters of which a template is filled in."""
    return list(wanted["parameters"].values()) if wanted["template"] is not None else []


def _asked_for(client: Any, wanted: dict[str, Any], remember: Remember) -> str:
    return _composed(wanted, read(client, _parts(wanted), remember), remember)


def _composed(wanted: dict[str, Any], sources: dict[str, str], remember: Remember) -> str:
    """The value that is asked for. `sources`: the values of the parameters of which a template is filled in."""
    if wanted["template"] is not None:
        hidden = {key: sources[name] for key, name in wanted["parameters"].items()}
        text = value.compose(wanted["template"], wanted["values"], hidden)
    else:
        text = wanted["value"] if wanted["value"] is not None else value.generate(wanted["length"])
    remember(text)
    value.check_value(wanted["name"], text, wanted["tier"])
    return text


def read(client: Any, names: list[str], remember: Remember) -> dict[str, str]:
    """The decrypted values of parameters by name. Raises RailyardError with the names that do not exist."""
    found, missing = _read(client, names, remember)
    _refuse(missing)
    return {name: str(item["Value"]) for name, item in found.items()}


def _read(client: Any, names: list[str], remember: Remember, decrypt: bool = True) -> tuple[dict[str, dict[str, Any]], list[str]]:
    """Parameters in AWS's shape by name, and the names that do not exist. Only decrypted ones have their value."""
    found: dict[str, dict[str, Any]] = {}
    for batch in aws.batches(sorted(set(names)), 10):
        answer = aws.call(client, "GetParameters", Names=batch, WithDecryption=decrypt)
        found |= {item["Name"]: item if decrypt else {**item, "Value": ""} for item in answer["Parameters"]}
    for item in found.values():
        if decrypt:
            remember(item["Value"])
    return found, sorted(set(names) - set(found))


def _refuse(missing: list[str]) -> None:
    if missing:
        raise RailyardError(f"there is no parameter {', '.join(missing)} in Parameter Store", missing=missing)


def make_plan(client: Any, wanted: dict[str, Any], live: Parameter | None, remember: Remember) -> Plan:
    """`wanted`: the parameters of the module ssm_secret. The value itself is fetched only by the step that stores it."""
    name = wanted["name"]
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteParameter", {"Name": name}, already=("ParameterNotFound",)),) if live else ())
    if wanted["value"] is not None:
        value.check_value(name, wanted["value"], wanted["tier"])
    fresh = Secret(lambda: _asked_for(client, wanted, remember))
    if live is None:
        return Plan(None, _created(wanted), (_put(wanted, fresh, {"Tags": tags.as_pairs(wanted["tags"])}),))
    if live["type"] != "SecureString":
        raise RailyardError(f"{name} is a {live['type']}, readable without decryption; delete it first, its type cannot change", live=live)
    if live["tier"] == "Advanced" and wanted["tier"] == "Standard":
        raise RailyardError(f"{name} is of tier Advanced, which never goes back to Standard", live=live)
    settings = {key: wanted[key] for key in ("tier", "key_id", "description") if wanted[key] is not None}
    rewritten = not live["up_to_date"] or any(live.get(key) not in (None, text) for key, text in settings.items())
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    after = {**live, "tags": change.after}
    steps = []
    if rewritten:
        after |= {**settings, "up_to_date": True, "version": live["version"] + 1}
        kept = Secret(lambda: read(client, [name], remember)[name])
        steps.append(_put(wanted, kept if live["up_to_date"] else fresh, {"Overwrite": True}))
    return Plan(live, after, (*steps, *labels.steps("Parameter", name, change)))


def _created(wanted: dict[str, Any]) -> Parameter:
    return {
        "name": wanted["name"],
        "type": "SecureString",
        "version": 1,
        "tier": wanted["tier"],
        "key_id": wanted["key_id"] or "alias/aws/ssm",
        "description": wanted["description"] or "",
        "tags": wanted["tags"] or {},
        "up_to_date": True,
    }


def _put(wanted: dict[str, Any], text: Secret, more: dict[str, Any]) -> Step:
    params = {"Name": wanted["name"], "Type": "SecureString", "Value": text, "Tier": wanted["tier"], **more}
    if wanted["key_id"]:
        params["KeyId"] = wanted["key_id"]
    if wanted["description"] is not None:
        params["Description"] = wanted["description"]
    return Step("PutParameter", params, already=("ParameterAlreadyExists",))


def facts(client: Any, names: list[str]) -> list[Fact]:
    """Which of these parameters exist, their type and version, in the order of `names`; nothing is decrypted."""
    found: dict[str, dict[str, Any]] = {}
    for batch in aws.batches(list(dict.fromkeys(names)), 10):
        answer = aws.call(client, "GetParameters", Names=batch, WithDecryption=False)
        found |= {item["Name"]: item for item in answer["Parameters"]}
    return [_fact(name, found.get(name)) for name in names]


def _fact(name: str, item: dict[str, Any] | None) -> Fact:
    if item is None:
        return {"name": name, "exists": False}
    modified = item.get("LastModifiedDate")
    return {
        "name": name,
        "exists": True,
        "arn": item["ARN"],
        "type": item["Type"],
        "version": item["Version"],
        "last_modified_date": modified.isoformat() if modified else None,
    }
