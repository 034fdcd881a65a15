# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An API destination with its connection: an address of the web that EventBridge calls, with a secret that it keeps.

Neither has tags: whose they are, and from which version of which parameter their secret is, stands in their descriptions. Nobody reads a
secret of a connection again. https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-api-destinations.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Propagation, Secret, Step

ABSENT = ("ResourceNotFoundException",)
PLACE = "{secret}"
LONGEST_NAME = 64
# A connection that was deleted keeps its name for some seconds.
BEING_DELETED = Propagation("ResourceAlreadyExistsException", "", 60)
PAIR = re.compile(r"([\w:-]+)=(\S+)")
# What stands in a description beside the tags.
PARAMETER, VERSION, IN = "parameter", "version", "in"
# AWS demands a header; a secret that is a part of the address leaves it empty of meaning.
NO_SECRET = ("X-Sent-By", "railyard.fargate")
HOST = re.compile(r"https://[^/?#{}\s]+")


def find(client: Any, name: str, url: str) -> dict[str, Any] | None:
    """The destination and the connection of this name in our shape, or None. `url`: the address that is declared; a live one that holds a
    secret is shown as that, or without its path."""
    destination, connection = aws.together(
        lambda: aws.find(client, "DescribeApiDestination", ABSENT, Name=name),
        lambda: aws.find(client, "DescribeConnection", ABSENT, Name=name),
    )
    if connection and connection["ConnectionState"] in ("DELETING", "DEAUTHORIZING"):
        connection = None
    if not destination and not connection:
        return None
    said = dict(PAIR.findall((connection or {}).get("Description") or ""))
    secret = {PARAMETER: said.pop(PARAMETER, ""), VERSION: int(said.pop(VERSION, 0))}
    place = said.pop(IN, "header")
    auth = (connection or {}).get("AuthParameters") or {}
    return {
        "name": name,
        "destination": _destination(destination, url, place) if destination else None,
        "connection": _connection(connection, auth, place) if connection else None,
        "secret": secret,
        "tags": {key: value.replace("%20", " ") for key, value in said.items()},
    }


def _destination(found: dict[str, Any], url: str, place: str) -> dict[str, Any]:
    return {
        "arn": found["ApiDestinationArn"],
        "url": shown(found["InvocationEndpoint"], url, place),
        "method": found["HttpMethod"],
        "calls_per_second": found.get("InvocationRateLimitPerSecond", 300),
        "connection_arn": found["ConnectionArn"],
        "state": found["ApiDestinationState"],
    }


def _connection(found: dict[str, Any], auth: dict[str, Any], place: str) -> dict[str, Any]:
    body = (auth.get("InvocationHttpParameters") or {}).get("BodyParameters") or []
    header = (auth.get("ApiKeyAuthParameters") or {}).get("ApiKeyName", "")
    return {
        "arn": found["ConnectionArn"],
        "state": found["ConnectionState"],
        "header": "" if place == "url" else header,
        "body": {each["Key"]: each.get("Value", "") for each in body},
    }


def shown(live: str, url: str, place: str) -> str:
    """A live address without the secret that is in it. Pure."""
    if place != "url":
        return live
    before, found, after = url.partition(PLACE)
    if found and live.startswith(before) and live.endswith(after) and len(live) > len(before + after):
        return url
    host = HOST.match(live)
    return f"{host[0] if host else 'https://'}/…"


def check(wanted: dict[str, Any]) -> None:
    """Raises RailyardError for what AWS would refuse, or what would show the secret. Pure."""
    name, url = wanted["name"], wanted["url"] or ""
    if len(name) > LONGEST_NAME:
        raise RailyardError(f"{name} has {len(name)} characters; AWS takes at most {LONGEST_NAME}")
    if not HOST.match(url) or url.count(PLACE) > 1:
        raise RailyardError(f"url is no address that begins with https:// and has {PLACE} at most once")
    if not wanted["parameter"]:
        raise RailyardError("parameter is missing: the name of the parameter in Parameter Store that holds the secret")


def make_plan(wanted: dict[str, Any], version: int, fetch: Callable[[], str], live: dict[str, Any] | None) -> Plan:
    """`wanted`: name, url, header, body, parameter, calls_per_second, state, tags. `version`: of the parameter, whose value `fetch` reads
    while it is handed over. Pure but for that."""
    if wanted["state"] == "absent":
        return Plan(live, None, _deletion(live) if live else ())
    check(wanted)
    in_url = PLACE in wanted["url"]
    labels = {key: str(value) for key, value in (wanted["tags"] or (live or {}).get("tags", {})).items()}
    then = {
        "name": wanted["name"],
        "destination": {"url": wanted["url"], "method": "POST", "calls_per_second": wanted["calls_per_second"]},
        "connection": {
            "header": "" if in_url else wanted["header"],
            "body": {key: str(value) for key, value in (wanted["body"] or {}).items()},
        },
        "secret": {PARAMETER: wanted["parameter"], VERSION: version},
        "tags": labels,
    }
    now = live or {"destination": None, "connection": None, "secret": {}, "tags": {}}
    about = " ".join(
        f"{key}={str(value).replace(' ', '%20')}"
        for key, value in {**labels, PARAMETER: wanted["parameter"], VERSION: version, IN: "url" if in_url else "header"}.items()
    )
    steps = [*_keep_connection(then, now, about, fetch, in_url), *_keep_destination(then, now, about, fetch, in_url)]
    for part in ("destination", "connection"):
        then[part] = {**(now[part] or {}), **then[part]}
    return Plan(live, then, tuple(steps))


def _same(then: dict[str, Any], now: dict[str, Any], part: str) -> bool:
    live = now[part]
    return (
        bool(live)
        and {name: live[name] for name in then[part]} == then[part]
        and (now["secret"], now["tags"]) == (then["secret"], then["tags"])
    )


def _keep_connection(then: dict[str, Any], now: dict[str, Any], about: str, fetch: Callable[[], str], in_url: bool) -> list[Step]:
    if _same(then, now, "connection"):
        return []
    name, value = NO_SECRET if in_url else (then["connection"]["header"], Secret(fetch))
    auth: dict[str, Any] = {"ApiKeyAuthParameters": {"ApiKeyName": name, "ApiKeyValue": value}}
    body = [{"Key": key, "Value": text, "IsValueSecret": False} for key, text in sorted(then["connection"]["body"].items())]
    if body or (now["connection"] or {}).get("body"):
        auth["InvocationHttpParameters"] = {"BodyParameters": body}
    params = {"Name": then["name"], "Description": about, "AuthorizationType": "API_KEY", "AuthParameters": auth}
    return [Step("UpdateConnection" if now["connection"] else "CreateConnection", params, propagation=(BEING_DELETED,))]


def _keep_destination(then: dict[str, Any], now: dict[str, Any], about: str, fetch: Callable[[], str], in_url: bool) -> list[Step]:
    live, connection = now["destination"], now["connection"]
    joined = bool(live and connection and live["connection_arn"] == connection["arn"])
    if _same(then, now, "destination") and joined:
        return []
    url = then["destination"]["url"]
    endpoint = Secret(lambda: url.replace(PLACE, fetch())) if in_url else url
    params = {
        "Name": then["name"],
        "Description": about,
        "ConnectionArn": connection["arn"] if connection else Output("CreateConnection", "ConnectionArn"),
        "InvocationEndpoint": endpoint,
        "HttpMethod": then["destination"]["method"],
        "InvocationRateLimitPerSecond": then["destination"]["calls_per_second"],
    }
    return [Step("UpdateApiDestination" if live else "CreateApiDestination", params)]


def _deletion(live: dict[str, Any]) -> tuple[Step, ...]:
    found = {"DeleteApiDestination": live["destination"], "DeleteConnection": live["connection"]}
    return tuple(Step(operation, {"Name": live["name"]}) for operation, part in found.items() if part)
