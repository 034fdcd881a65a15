# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Connections to GitHub and the like. https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_Connection.html

AWS lets several have the same name, and knows neither a token nor "already exists".
"""

from __future__ import annotations

import re
from typing import Any

from .._core import aws, ownership, partition, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Step

LONGEST_NAME = 32
ARN = re.compile(r"arn:[\w-]+:(codestar-connections|codeconnections):([a-z0-9-]+):(\d{12}):connection/([\w-]+)")
ABSENT = ("ResourceNotFoundException",)
AVAILABLE, PENDING = "AVAILABLE", "PENDING"
DEFAULT_PROVIDER = "GitHub"
NEXT = {
    PENDING: "{name} waits for its handshake: a person opens {link}, chooses Update pending connection and installs the app of {provider}; "
    "for an organisation that must be one of its owners",
    "ERROR": "{name} is in ERROR: the app of {provider} was removed, or its installation has failed; a person opens {link} and repairs it, "
    "or delete the connection and make it again",
}


def find(client: Any, name: str, labels: dict[str, Any] | None = None) -> dict[str, Any] | None:
    """The connection of this name in our shape, or None. Of several the one that is ours by `labels`, AVAILABLE ones first."""
    named = [one for one in listed(client) if one["ConnectionName"] == name]
    found = aws.concurrently(lambda one: _ours(client, one), named)
    owner = ownership.declared(labels)
    ranked = sorted(found, key=lambda one: (not ownership.is_owned(owner, one["tags"]), one["status"] != AVAILABLE, one["arn"]))
    return ranked[0] if ranked else None


def find_all(client: Any, names: list[str] | None, arns: list[str] | None) -> list[dict[str, Any]]:
    """The connections of these names, and of these ARNs (also of other accounts); all of the Region if neither is given."""
    named = [] if arns and not names else [one for one in listed(client) if not names or one["ConnectionName"] in names]
    known = {one["ConnectionArn"] for one in named}
    asked = aws.concurrently(lambda arn: described(client, arn), [arn for arn in arns or [] if arn not in known])
    return aws.concurrently(lambda one: _ours(client, one), [*named, *(one for one in asked if one)])


def described(client: Any, arn: str) -> dict[str, Any] | None:
    """A connection in AWS's shape, or None."""
    found = aws.find(client, "GetConnection", ABSENT, ConnectionArn=arn)
    return found["Connection"] if found else None


def listed(client: Any) -> list[dict[str, Any]]:
    """All connections of the Region in AWS's shape; botocore knows no pages of them."""
    found, token = [], None
    while True:
        answer = aws.call(client, "ListConnections", MaxResults=100, **({"NextToken": token} if token else {}))
        found += answer.get("Connections", [])
        token = answer.get("NextToken")
        if not token:
            return found


def _ours(client: Any, one: dict[str, Any]) -> dict[str, Any]:
    labels = aws.find(client, "ListTagsForResource", ABSENT, ResourceArn=one["ConnectionArn"])
    return {
        "arn": one["ConnectionArn"],
        "name": one["ConnectionName"],
        "status": one["ConnectionStatus"],
        "provider_type": one.get("ProviderType", ""),
        "owner_account_id": one.get("OwnerAccountId", ""),
        **({"host_arn": one["HostArn"]} if one.get("HostArn") else {}),
        "tags": tags.as_dict((labels or {}).get("Tags")),
    }


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: name, provider_type or host_arn, state, tags, purge_tags. Neither provider nor host can be changed."""
    name = wanted["name"]
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteConnection", {"ConnectionArn": live["arn"]}),) if live else ())
    if len(name) > LONGEST_NAME:
        raise RailyardError(f"the connection's name {name} has {len(name)} characters; AWS takes at most {LONGEST_NAME}")
    if live is None:
        return _creation(wanted)
    for option in ("provider_type", "host_arn"):
        if wanted[option] and live.get(option, "") != wanted[option]:
            said = f"connection {name} has the {option} {live.get(option)}, which cannot become {wanted[option]}"
            raise RailyardError(f"{said}; delete it or choose another name", live=live)
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    put = Step("TagResource", {"ResourceArn": live["arn"], "Tags": tags.as_pairs(change.put)})
    remove = Step("UntagResource", {"ResourceArn": live["arn"], "TagKeys": change.remove})
    steps = (*((put,) if change.put else ()), *((remove,) if change.remove else ()))
    return Plan(live, {**live, "tags": change.after}, steps)


def _creation(wanted: dict[str, Any]) -> Plan:
    provider = wanted["provider_type"] or DEFAULT_PROVIDER
    place = {"HostArn": wanted["host_arn"]} if wanted["host_arn"] else {"ProviderType": provider}
    params = {"ConnectionName": wanted["name"], **place, "Tags": tags.as_pairs(wanted["tags"])}
    after = {
        "name": wanted["name"],
        "status": PENDING,
        **({"host_arn": wanted["host_arn"]} if wanted["host_arn"] else {"provider_type": provider}),
        "tags": tags.change({}, wanted["tags"], False).after,
    }
    return Plan(None, after, (Step("CreateConnection", params, once=True),))


def link(arn: str) -> str:
    """Where a person finishes the handshake of a connection; "" for what is no connection's ARN. Pure."""
    found = ARN.fullmatch(arn)
    if not found:
        return ""
    _prefix, region, account, identity = found.groups()
    return partition.console(region, f"codesuite/settings/{account}/{region}/connections/{identity}")


def about(live: dict[str, Any] | None) -> dict[str, Any]:
    """{link, next} of a connection: where a person goes, and one sentence that says what to do there, "" when it is AVAILABLE. Pure."""
    if not live:
        return {}
    where = link(live.get("arn", ""))
    words = {"name": f"connection {live['name']}", "provider": live.get("provider_type") or "its provider"}
    said = NEXT.get(live["status"], "").format(link=where or "the console", **words)
    return {"link": where, "next": said}
