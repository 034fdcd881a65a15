# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Resources of an environment without what is its own: names, account, addresses, identifiers and declared sizes. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from .._core.ownership import HANDLES
from . import owners
from .collected import Collected
from .compare import key
from .fields import Fields, fields

# Identifiers that AWS makes up, digests of images, revisions and random endings of ARNs.
IDENTIFIERS = (
    (re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"), "<id>"),
    (re.compile(r"\b(vpc|subnet|sg|rtb|rtbassoc|igw|eni|vpce|pcx|nat|eipalloc|acl)-[0-9a-f]{8,17}\b"), r"<\1>"),
    (re.compile(r"sha256:[0-9a-f]{64}"), "<digest>"),
    (re.compile(r"(task-definition/[^\s:]+):\d+"), r"\1:<revision>"),
    (re.compile(r"(?<=/)[0-9a-f]{16}\b"), "<id>"),
    (re.compile(r"-\d{8,}(?=\.<region>\.elb\.)"), "-<id>"),
    (re.compile(r"\.[0-9a-z]{12}(?=\.<region>\.rds\.)"), ".<id>"),
    (re.compile(r"(?<=scalable-target/)[0-9a-z]{20,}"), "<id>"),
)
CIDR = re.compile(r"\b\d{1,3}(?:\.\d{1,3}){3}(?:/\d{1,2})?\b")
OWN = (*HANDLES, "dns_name", "internet_gateway")
# What an inventory says of sizes in railyard_sizes: by kind, the fields that come from it.
SIZES = {
    "ecs task definition": re.compile(r"(containers\..*\.)?(cpu|memory\w*)$"),
    "application scalable target": re.compile(r"(min|max)_capacity$"),
    "rds instance": re.compile(r"(db_instance_class|(max_)?allocated_storage|multi_az|backup_retention_period|iops|storage_throughput)$"),
    "release environment": re.compile(r"processes\.\w+\.(cpu|memory|min|max)$"),
}
SIZE = "<declared size>"
# What releases, load and AWS decide in each environment.
OTHERS = {
    "elbv2 listener": re.compile("default_actions"),
    "ecs service": re.compile("desired_count|task_definition|load_balancers|created_by|platform_"),
    "application scalable target": re.compile("suspended_state"),
    "rds instance": re.compile("preferred_|pending_|kms_key_id|endpoint"),
    "ecs task definition": re.compile("revision"),
    "ssm document": re.compile("version"),
    "elbv2 load balancer": re.compile("canonical_hosted_zone_id"),
}


class Place(TypedDict):
    """What an environment has of its own: `{environment_name, application, environment, account_id, region, cidr}`."""

    environment_name: str
    application: str
    environment: str
    account_id: str
    region: str
    cidr: str


# By path the value without what is its environment's own, and as it is.
Both = dict[str, tuple[Any, Any]]


@dataclass(frozen=True)
class Normal:
    """A resource without what is its environment's own; None where it is not declared, or not there."""

    kind: str
    name: str
    declared: Both | None
    live: Both | None


def resources(collected: Sequence[Collected], place: Place) -> dict[str, Normal]:
    """By key, of what modules return."""
    text = _replacer(collected, place)
    found = [_resource(one, text) for one in collected]
    return {f"{one.kind} {one.name}": one for one in found}


def _resource(one: Collected, text: Callable[[str], str]) -> Normal:
    declared, live = (None if one[side] is None else fields(one[side]) for side in ("declared", "live"))  # type: ignore[literal-required]
    sizes = SIZES.get(one["kind"])
    if sizes and declared and live:
        same = {path for path in declared if sizes.match(path) and declared[path] == live.get(path)}
        declared, live = ({**side, **dict.fromkeys(same, SIZE)} for side in (declared, live))
    elif sizes and declared:
        declared = {path: SIZE if sizes.match(path) else value for path, value in declared.items()}
    return Normal(one["kind"], text(one["name"]), _normal(one["kind"], declared, text), _normal(one["kind"], live, text))


def _normal(kind: str, side: Fields | None, text: Callable[[str], str]) -> Both | None:
    if side is None:
        return None
    others = OTHERS.get(kind)
    kept = {path: value for path, value in side.items() if not owners.passing(path) and not (others and others.match(path))}
    return {text(path): (_texts(value, text), value) for path, value in kept.items()}


def _texts(value: Any, text: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return text(value)
    if isinstance(value, list):
        found = [_texts(item, text) for item in value]
        return sorted(found, key=str) if all(isinstance(item, str) for item in found) else found
    if isinstance(value, dict):
        return {text(name): _texts(item, text) for name, item in value.items()}
    return value


def _replacer(collected: Sequence[Collected], place: Place) -> Callable[[str], str]:
    own = dict(sorted(_own(collected), key=lambda pair: -len(pair[0])))
    known = re.compile("|".join(re.escape(value) for value in own) or "(?!)")
    words = [
        (re.escape(place["environment_name"]), "<environment>"),
        (rf"/{re.escape(place['application'])}/{re.escape(place['environment'])}(?=/|$)", "/<environment>"),
        (re.escape(place["account_id"]), "<account>"),
        (re.escape(place["region"]), "<region>"),
        (rf"(?<![\w-]){re.escape(place['environment'])}(?![\w-])", "<environment's name>"),
    ]
    patterns = [(re.compile(pattern), word) for pattern, word in words]
    network = ipaddress.ip_network(place["cidr"], strict=False)

    def replaced(value: str) -> str:
        found = CIDR.sub(lambda match: _address(match[0], network), known.sub(lambda match: own[match[0]], value))
        for pattern, word in (*patterns, *IDENTIFIERS):
            found = pattern.sub(word, found)
        return found

    return replaced


def _own(collected: Sequence[Collected]) -> Iterator[tuple[str, str]]:
    """What each resource is known by, and what it is called instead."""
    for one in collected:
        item = one["live"] or one["declared"] or {}
        for member in OWN:
            value = item.get(member)
            if isinstance(value, str) and len(value) > 6 and value != one["name"]:
                yield value, f"<{key(one)}>"
                if member not in ("dns_name", "internet_gateway"):
                    break


def _address(text: str, network: ipaddress.IPv4Network | ipaddress.IPv6Network) -> str:
    """An address within the environment's network by its distance from the beginning."""
    try:
        inside = ipaddress.ip_interface(text)
    except ValueError:
        return text
    if inside.version != network.version or inside.ip not in network:
        return text
    offset = ipaddress.ip_address(int(inside.ip) - int(network.network_address))
    return f"<network>+{offset}" + (f"/{text.partition('/')[2]}" if "/" in text else "")
