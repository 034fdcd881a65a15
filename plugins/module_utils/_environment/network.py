# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the address ranges of a VPC and of its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import Any

from .problem import Path, Problem

# AWS takes /16 to /28 (rule VPC-3). The vpc role cuts sixteen blocks from the range, and a load balancer wants /27 (rule ELB-2).
LARGEST, SMALLEST = 16, 23


@dataclass(frozen=True)
class Neighbour:
    """Another environment of the same inventories: its host, its name (`shop-staging`), and what it declares; "" where unknown."""

    host: str
    name: str
    account_id: str
    region: str
    cidr: str


def cidr(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of `railyard_cidr`, the range of the VPC."""
    path = ("railyard_cidr",)
    text = description.get("railyard_cidr")
    if text is None:
        return
    problem = _malformed(text, path)
    if problem:
        yield problem
        return
    network = ip_network(text)
    if not LARGEST <= network.prefixlen <= SMALLEST:
        what = f"{text} has {network.num_addresses} addresses, and a VPC with two public and two private subnets has 512 to 65536"
        yield Problem(what, path, f"a range between /{LARGEST} and /{SMALLEST}, {network.network_address}/{LARGEST} for example")


def peers(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems of `railyard_peer_cidrs`, ranges of networks that are or will be connected."""
    own = _network(description.get("railyard_cidr"))
    for number, text in enumerate(description.get("railyard_peer_cidrs", [])):
        path = ("railyard_peer_cidrs", number)
        if text is None:
            continue
        problem = _malformed(text, path)
        other = _network(text)
        if problem:
            yield problem
        elif own and other and own.overlaps(other):
            yield Problem(
                f"{own} overlaps the peer's {other}; AWS routes such addresses only within the VPC", path, "a range apart from it"
            )


def neighbours(description: dict[str, Any], others: Sequence[Neighbour]) -> Iterator[Problem]:
    """A problem for each other environment of the inventories with addresses of this one. A VPC's range can never be changed."""
    own = _network(description.get("railyard_cidr"))
    for other in others:
        theirs = _network(other.cidr)
        if own and theirs and own.overlaps(theirs):
            used = [network for network in (own, *(_network(one.cidr) for one in others)) if network]
            what = f"{own} overlaps {theirs} of {other.host}, so the two can never be connected"
            yield Problem(what, ("railyard_cidr",), f"a range apart from it, {_free(own, used)} for example")


def same_environment(description: dict[str, Any], others: Sequence[Neighbour]) -> Iterator[Problem]:
    """A problem for each other host with the same names: both would change the same resources, even in two Regions (IAM roles)."""
    own = tuple(description.get(f"railyard_{part}", "") for part in ("app", "environment", "account_id", "region"))
    for other in others:
        if not all(own) or (f"{own[0]}-{own[1]}", own[2]) != (other.name, other.account_id):
            continue
        if own[3] == other.region:
            what = f"{other.host} describes {other.name} in account {own[2]} and {own[3]} too"
            yield Problem(what, ("railyard_environment",), "one host for each environment of an application")
        else:
            what = f"{other.host} describes {other.name} in account {own[2]} too, in {other.region}"
            what += "; names of IAM roles and buckets are per account"
            yield Problem(what, ("railyard_environment",), f"another railyard_environment for {own[3]}, or another account")


def _free(own: IPv4Network, used: Sequence[IPv4Network]) -> str:
    for second in range(256):
        candidate = IPv4Network(f"10.{second}.0.0/{own.prefixlen}")
        if not any(candidate.overlaps(network) for network in used):
            return str(candidate)
    return "one within 172.16.0.0/12"


def _malformed(text: str, path: Path) -> Problem | None:
    try:
        loose = ip_network(text, strict=False)
    except ValueError:
        return Problem(f"{text!r} is no range of IPv4 addresses", path, "four numbers up to 255 and a length, 10.20.0.0/16 for example")
    if not isinstance(loose, IPv4Network) or "/" not in text:
        return Problem(f"{text!r} is no range of IPv4 addresses", path, "four numbers up to 255 and a length, 10.20.0.0/16 for example")
    if str(loose.network_address) != text.split("/")[0]:
        return Problem(f"{text} is an address within a range, not the range", path, str(loose))
    return None


def _network(text: Any) -> IPv4Network | None:
    if not text or not isinstance(text, str) or _malformed(text, ()):
        return None
    return IPv4Network(text)
