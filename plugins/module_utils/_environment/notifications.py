# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks who is told of releases: addresses, and a chat. No message repeats a secret. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .._core.errors import RailyardError
from .._events.destination import HOST, PLACE
from .._ssm.value import check_name
from . import naming, secrets
from .problem import Problem

NAME = "railyard_notifications"
ADDRESS = re.compile(r"[^@\s,;]+@[^@\s,;]+\.[^@\s,;]+")
# What AWS takes as the name of a header.
HEADER = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,512}")
# A long run of both letters and digits in an address is its secret.
TOKEN = re.compile(r"(?=[^/?&=]*[0-9])(?=[^/?&=]*[A-Za-z])[A-Za-z0-9_-]{20,}")


def told(description: dict[str, Any]) -> Iterator[Problem]:
    """Addresses are addresses, a chat is reached over HTTPS, and its secret is a name that tasks do not get."""
    given = description.get(NAME) or {}
    for number, address in enumerate(given.get("emails") or []):
        if not ADDRESS.fullmatch(address or ""):
            yield Problem(f"{address!r} is no address of e-mail", (NAME, "emails", number), "team@example.com, one in each entry")
    if given.get("webhook"):
        yield from _chat(description, given["webhook"])


def chat_secret(description: dict[str, Any]) -> str:
    """The name of the chat's secret, "" without a chat. Pure."""
    return str(((description.get(NAME) or {}).get("webhook") or {}).get("secret") or "")


def _chat(description: dict[str, Any], chat: dict[str, Any]) -> Iterator[Problem]:
    path = (NAME, "webhook")
    url, secret = chat.get("url") or "", chat.get("secret") or ""
    if not HOST.match(url) or url.count(PLACE) > 1:
        yield Problem(
            "a chat is reached over HTTPS", (*path, "url"), f"https://…, with {PLACE} at most once, and not in the name of the host"
        )
    elif TOKEN.search(url.partition("://")[2].partition("/")[2]):
        right = f"{PLACE} in its place, and the value in Parameter Store (ansible-playbook playbooks/secret.yml)"
        yield Problem("the address holds what looks like its secret, and everybody reads the inventory", (*path, "url"), right)
    if chat.get("header") and not HEADER.fullmatch(chat["header"]):
        yield Problem(f"{chat['header']!r} is no name of a header", (*path, "header"), "Authorization")
    yield from _secret(description, secret, (*path, "secret"))


def _secret(description: dict[str, Any], name: str, path: tuple[str, ...]) -> Iterator[Problem]:
    right = "the name of a secret of its own, CHAT_TOKEN for example"
    if secrets.VALUE.fullmatch(name) or not secrets.VARIABLE.fullmatch(name):
        yield Problem("the name of the chat's secret is made of letters, digits and underscores", path, right)
        return
    if name in secrets.MADE or name in (description.get("railyard_secrets") or []):
        yield Problem(f"{name} is a secret of the application, which every task gets", path, right)
    try:
        check_name(naming.build({"railyard_app": "shop", "railyard_environment": "production", **description}).parameter(name))
    except RailyardError as error:
        yield Problem(error.message, path, right)
