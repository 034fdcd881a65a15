# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a target group may be: rules ELB-2 to ELB-5, checked before anything is written."""

from __future__ import annotations

import re
from typing import Any

from .._core.errors import RailyardError

NAME = re.compile(r"(?!-)[A-Za-z0-9-]{1,32}(?<!-)")
# Our option, AWS's member in our shape, and its range (rule ELB-4).
SECONDS_AND_COUNTS = {
    "interval": ("health_check_interval_seconds", 5, 300),
    "timeout": ("health_check_timeout_seconds", 2, 120),
    "healthy_threshold": ("healthy_threshold_count", 2, 10),
    "unhealthy_threshold": ("unhealthy_threshold_count", 2, 10),
}
# AWS's defaults of an HTTP group, for the comparison of timeout and interval.
DEFAULTS = {"HTTP": (30, 5), "HTTPS": (30, 10)}


def health(check: dict[str, Any] | None, protocol_version: str | None = None) -> dict[str, Any]:
    """The option `health_check` in AWS's members (our shape), without what is not given."""
    check = check or {}
    found = {member: check.get(option) for option, (member, *_bounds) in SECONDS_AND_COUNTS.items()}
    found |= {f"health_check_{option}": check.get(option) for option in ("path", "protocol", "port")}
    if check.get("matcher"):
        found["matcher"] = {"grpc_code" if protocol_version == "GRPC" else "http_code": check["matcher"]}
    return {member: value for member, value in found.items() if value is not None}


def validate(wanted: dict[str, Any], live: dict[str, Any] | None) -> None:
    """Raises RailyardError for what AWS would refuse, with what would be right."""
    if not NAME.fullmatch(wanted["name"]):
        raise RailyardError(f"target group name {wanted['name']!r}: 1 to 32 letters, digits and hyphens, no hyphen at an edge")
    if wanted["state"] == "absent":
        return
    check = wanted["health_check"] or {}
    for option, (_unused, low, high) in SECONDS_AND_COUNTS.items():
        if check.get(option) is not None and not low <= check[option] <= high:
            raise RailyardError(f"health_check.{option} is {check[option]}; it must be {low} to {high}")
    if check.get("path") and not check["path"].startswith("/"):
        raise RailyardError(f"health_check.path is {check['path']!r}; it must begin with /")
    if wanted["protocol"] in DEFAULTS:
        _validate_http(wanted, check, live or {})
    _validate_attributes(wanted["attributes"] or {})


def _validate_http(wanted: dict[str, Any], check: dict[str, Any], live: dict[str, Any]) -> None:
    if check.get("protocol") == "TCP":
        raise RailyardError(f"health_check.protocol is TCP; a target group of protocol {wanted['protocol']} is checked by HTTP or HTTPS")
    interval, timeout = DEFAULTS[wanted["protocol"]]
    interval = check.get("interval") or live.get("health_check_interval_seconds", interval)
    timeout = check.get("timeout") or live.get("health_check_timeout_seconds", timeout)
    if timeout >= interval:
        raise RailyardError(f"health_check.timeout is {timeout}; it must be smaller than the interval, which is {interval}")
    if check.get("matcher") and wanted["protocol_version"] != "GRPC":
        _validate_matcher(check["matcher"])


def _validate_matcher(matcher: str) -> None:
    codes = re.split(r"[,-]", matcher)
    if not re.fullmatch(r"\d{3}(-\d{3})?(,\d{3}(-\d{3})?)*", matcher) or not all(200 <= int(code) <= 499 for code in codes):
        raise RailyardError(f"health_check.matcher is {matcher!r}; it must be codes from 200 to 499 such as 200, 200,302 or 200-299")


def _validate_attributes(attributes: dict[str, Any]) -> None:
    delay = _number(attributes, "deregistration_delay.timeout_seconds")
    if delay is not None and not 0 <= delay <= 3600:
        raise RailyardError(f"deregistration_delay.timeout_seconds is {delay}; it must be 0 to 3600")
    slow = _number(attributes, "slow_start.duration_seconds")
    if slow and not 30 <= slow <= 900:
        raise RailyardError(f"slow_start.duration_seconds is {slow}; it must be 0 (off) or 30 to 900")


def _number(attributes: dict[str, Any], key: str) -> int | None:
    value = attributes.get(key)
    if value is None:
        return None
    try:
        return int(value)
    except ValueError:
        raise RailyardError(f"{key} is {value!r}; it must be a number of seconds") from None
