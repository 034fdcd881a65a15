# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Topics, and the addresses that are told by e-mail. https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html

Subscriptions by other protocols are somebody else's. One by e-mail is pending until the person has clicked the link, for three days at
most; nobody can delete it until then.
"""

from __future__ import annotations

import json
from typing import Any

from .._core import aws, policy, tags
from .._core.plan import Plan, Step

ABSENT = ("NotFound", "NotFoundException")
EMAIL, CONFIRMED, PENDING = "email", "confirmed", "pending"
# How AWS lists a subscription whose ARN nobody sees.
UNCONFIRMED = "PendingConfirmation"


def find(client: Any, arn: str) -> dict[str, Any] | None:
    """The topic of this ARN in our shape, or None."""
    found, subscriptions, labels = aws.together(
        lambda: aws.find(client, "GetTopicAttributes", ABSENT, TopicArn=arn),
        lambda: aws.pages(client, "ListSubscriptionsByTopic", "Subscriptions", ABSENT, TopicArn=arn),
        lambda: aws.pages(client, "ListTagsForResource", "Tags", ("ResourceNotFound", "ResourceNotFoundException"), ResourceArn=arn),
    )
    if found is None:
        return None
    attributes = found["Attributes"]
    return {
        "name": arn.rpartition(":")[2],
        "arn": arn,
        "display_name": attributes.get("DisplayName", ""),
        "kms_key": attributes.get("KmsMasterKeyId", ""),
        "policy": json.loads(attributes["Policy"]),
        "emails": sorted((_email(one) for one in subscriptions if one["Protocol"] == EMAIL), key=lambda one: one["address"]),
        "tags": tags.as_dict(labels),
    }


def _email(one: dict[str, Any]) -> dict[str, str]:
    arn = one["SubscriptionArn"]
    known = {"arn": arn} if arn.startswith("arn:") else {}
    return {"address": one["Endpoint"], "status": CONFIRMED if known else PENDING, **known}


def pending(live: dict[str, Any] | None) -> list[str]:
    """Addresses that have not confirmed yet. Pure."""
    return [one["address"] for one in (live or {}).get("emails", []) if one["status"] == PENDING]


def make_plan(wanted: dict[str, Any], arn: str, live: dict[str, Any] | None) -> Plan:
    """`wanted`: display_name, policy, kms_key and emails, each None to leave it as it is; state, tags, purge_tags. Pure."""
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteTopic", {"TopicArn": arn}),) if live else ())
    now = live or {"name": arn.rpartition(":")[2], "arn": arn, "display_name": "", "kms_key": "", "policy": None, "emails": [], "tags": {}}
    change = tags.change(now["tags"], wanted["tags"], wanted["purge_tags"])
    then = {**now, **_attributes(now, wanted), "emails": _emails(now["emails"], wanted["emails"]), "tags": change.after}
    steps = [*(_set(arn, now, then) if live else [_creation(then, wanted)]), *_subscriptions(arn, now["emails"], then["emails"])]
    if live and change.put:
        steps.append(Step("TagResource", {"ResourceArn": arn, "Tags": tags.as_pairs(change.put)}))
    if change.remove:
        steps.append(Step("UntagResource", {"ResourceArn": arn, "TagKeys": change.remove}))
    return Plan(live, then, tuple(steps))


def _attributes(now: dict[str, Any], wanted: dict[str, Any]) -> dict[str, Any]:
    """What is declared, a policy as it is where both say the same."""
    given = {name: wanted[name] for name in ("display_name", "kms_key", "policy") if wanted[name] is not None}
    if "policy" in given and now["policy"] and policy.same(given["policy"], now["policy"]):
        given["policy"] = now["policy"]
    return given


def _emails(now: list[dict[str, str]], wanted: list[str] | None) -> list[dict[str, str]]:
    """Those that are declared; and one that is pending, which goes by itself."""
    if wanted is None:
        return now
    known = {one["address"]: one for one in now}
    kept = [one for one in now if one["status"] == PENDING and one["address"] not in wanted]
    declared = [known.get(address, {"address": address, "status": PENDING}) for address in dict.fromkeys(wanted)]
    return sorted([*kept, *declared], key=lambda one: one["address"])


AWS_NAMES = {"display_name": "DisplayName", "kms_key": "KmsMasterKeyId", "policy": "Policy"}


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _creation(then: dict[str, Any], wanted: dict[str, Any]) -> Step:
    attributes = {aws_name: _text(then[name]) for name, aws_name in AWS_NAMES.items() if then[name]}
    given = {"Attributes": attributes} if attributes else {}
    return Step("CreateTopic", {"Name": then["name"], **given, **({"Tags": tags.as_pairs(wanted["tags"])} if wanted["tags"] else {})})


def _set(arn: str, now: dict[str, Any], then: dict[str, Any]) -> list[Step]:
    changed = [(aws_name, then[name]) for name, aws_name in AWS_NAMES.items() if then[name] != now[name]]
    return [Step("SetTopicAttributes", {"TopicArn": arn, "AttributeName": name, "AttributeValue": _text(value)}) for name, value in changed]


def _subscriptions(arn: str, now: list[dict[str, str]], then: list[dict[str, str]]) -> list[Step]:
    before, after = {one["address"] for one in now}, {one["address"] for one in then}
    asked = [Step("Subscribe", {"TopicArn": arn, "Protocol": EMAIL, "Endpoint": address}) for address in sorted(after - before)]
    gone = [one["arn"] for one in now if one["address"] not in after]
    return [*asked, *(Step("Unsubscribe", {"SubscriptionArn": one}) for one in gone)]
