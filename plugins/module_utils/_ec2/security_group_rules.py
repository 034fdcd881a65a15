# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rules of security groups: AWS's permissions, each for many peers, and ours, one for each peer.

A rule is its protocol, ports and peer; -1 stands for no ports, or for all of them. A description is not part of what a rule is.
https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .._core.errors import RailyardError
from .._core.plan import Output, Step
from .routes import FRESH, canonical

PEERS = (("IpRanges", "CidrIp"), ("Ipv6Ranges", "CidrIpv6"), ("PrefixListIds", "PrefixListId"), ("UserIdGroupPairs", "GroupId"))
PORTED = ("tcp", "udp", "icmp", "icmpv6")
GROUP = re.compile(r"(?:(\d{12})/)?(sg-[0-9a-f]+)")
PLAIN = re.compile(r"[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{0,255}")

Rule = dict[str, Any]


def plain(text: str, what: str) -> str:
    """A name or description as EC2 takes it (rule VPC-3). Raises RailyardError for another."""
    if not PLAIN.fullmatch(text):
        raise RailyardError(f"{what} is {text!r}; it has at most 255 letters, digits, spaces and ._-:/()#,@[]+=&;{{}}!$*")
    return text


def ours(permissions: list[dict[str, Any]], names: dict[str, str], owner: str) -> list[Rule]:
    """Live rules. A peer that is a group is shown by its name where `names` has its id, one of another account than `owner` with that."""
    rules = []
    for permission in permissions:
        protocol = permission["IpProtocol"]
        traffic = {
            "protocol": "all" if protocol == "-1" else protocol,
            "from_port": permission.get("FromPort", -1) if protocol != "-1" else -1,
            "to_port": permission.get("ToPort", -1) if protocol != "-1" else -1,
        }
        for member, key in PEERS:
            for entry in permission.get(member, []):
                rules.append({**traffic, "peer": _shown(entry, key, names, owner), "description": entry.get("Description", "")})
    return sorted(rules, key=identity)


def _shown(entry: dict[str, str], key: str, names: dict[str, str], owner: str) -> str:
    if key == "GroupId" and entry.get("UserId", owner) != owner:
        return f"{entry['UserId']}/{entry[key]}"
    return names.get(entry[key], entry[key])


def identity(rule: Rule) -> tuple[Any, ...]:
    return rule["protocol"], rule["from_port"], rule["to_port"], rule["peer"]


def everything(peer: str) -> Rule:
    return {"protocol": "all", "from_port": -1, "to_port": -1, "peer": peer, "description": ""}


def declared(entries: list[dict[str, Any]], now: list[Rule], names: set[str], where: str) -> list[Rule]:
    """The rules of `entries` (protocol, ports, peers, description), one for each port and peer.

    A rule that is in `now` keeps its description where none is declared. `names`: of the groups that a peer may be. Raises RailyardError
    for ports and peers that are none, and for a rule that is there twice.
    """
    kept = {identity(rule): rule["description"] for rule in now}
    rules: dict[tuple[Any, ...], Rule] = {}
    for entry in entries:
        text = plain(entry["description"] or "", f"the description of a rule in {where}")
        for low, high in _ports(entry, where):
            for peer in entry["peers"]:
                rule = {"protocol": entry["protocol"], "from_port": low, "to_port": high, "peer": _peer(peer, names, where)}
                if identity(rule) in rules:
                    raise RailyardError(f"{where} has the rule {entry['protocol']} {low}-{high} {rule['peer']} twice")
                rules[identity(rule)] = {**rule, "description": text or kept.get(identity(rule), "")}
    return sorted(rules.values(), key=identity)


def _ports(entry: dict[str, Any], where: str) -> list[tuple[int, int]]:
    if entry["protocol"] not in ("tcp", "udp"):
        return [(-1, -1)]
    ranges = []
    for text in entry["ports"]:
        found = re.fullmatch(r"(\d+)(?:-(\d+))?", str(text).replace(" ", ""))
        low, high = (int(found[1]), int(found[2] or found[1])) if found else (-1, -1)
        if not 0 <= low <= high <= 65535:
            raise RailyardError(f"{where} has the port {text!r}; 443 and 8000-8100 are ports, up to 65535")
        ranges.append((low, high))
    return ranges


def _peer(text: str, names: set[str], where: str) -> str:
    if text in names or text.startswith("pl-") or GROUP.fullmatch(text):
        return text
    try:
        return canonical(text)
    except RailyardError as error:
        known = ", ".join(sorted(names))
        raise RailyardError(
            f"{where} has the peer {text!r}; a peer is an address range, a prefix list (pl-…), a security group (sg-…) or one of {known}"
        ) from error


def steps(group: str | Output, direction: str, now: list[Rule], then: list[Rule], ids: Mapping[str, str | Output]) -> list[Step]:
    """What leads from the rules `now` to exactly the rules `then`; `direction` is Ingress or Egress, `ids` has groups by name.

    New rules come before old ones go, so that nothing is cut off in between.
    """
    has, wants = ({identity(rule): rule for rule in rules} for rules in (now, then))
    made = [rule for key, rule in wants.items() if key not in has]
    told = [rule for key, rule in wants.items() if key in has and has[key]["description"] != rule["description"]]
    gone = [rule for key, rule in has.items() if key not in wants]
    planned = (
        (f"AuthorizeSecurityGroup{direction}", made, ("InvalidPermission.Duplicate",)),
        (f"UpdateSecurityGroupRuleDescriptions{direction}", told, ()),
        (f"RevokeSecurityGroup{direction}", [{**rule, "description": ""} for rule in gone], ("InvalidPermission.NotFound",)),
    )
    return [
        Step(operation, {"GroupId": group, "IpPermissions": [_permission(rule, ids) for rule in rules]}, already, FRESH)
        for operation, rules, already in planned
        if rules
    ]


def _permission(rule: Rule, ids: Mapping[str, str | Output]) -> dict[str, Any]:
    ports = {"FromPort": rule["from_port"], "ToPort": rule["to_port"]} if rule["protocol"] in PORTED else {}
    member, peer = _addressed(rule["peer"], ids)
    described = {"Description": rule["description"]} if rule["description"] else {}
    return {"IpProtocol": rule["protocol"].replace("all", "-1"), **ports, member: [{**peer, **described}]}


def _addressed(peer: str, ids: Mapping[str, str | Output]) -> tuple[str, dict[str, Any]]:
    if peer in ids:
        return "UserIdGroupPairs", {"GroupId": ids[peer]}
    if group := GROUP.fullmatch(peer):
        return "UserIdGroupPairs", {"GroupId": group[2], **({"UserId": group[1]} if group[1] else {})}
    member, key = PEERS[2 if peer.startswith("pl-") else 1 if ":" in peer else 0]
    return member, {key: peer}
