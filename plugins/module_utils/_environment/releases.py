# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the traffic shift of a release, and of the load balancer's health checks."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from . import naming
from .problem import Problem

ONE_DAY, TWO_DAYS = 1440, 2880

# Variables of the alb role that an inventory may set, and what AWS accepts (rules ELB-4, ELB-5).
LIMITS = {
    "alb_health_interval": (5, 300, "seconds"),
    "alb_health_timeout": (2, 120, "seconds"),
    "alb_healthy_threshold": (2, 10, "checks"),
    "alb_unhealthy_threshold": (2, 10, "checks"),
    "alb_deregistration_delay": (0, 3600, "seconds"),
    "alb_idle_timeout": (1, 4000, "seconds"),
    "alb_production_port": (1, 65535, "as a port"),
    "alb_test_port": (1, 65535, "as a port"),
}
DEFAULTS = {
    "alb_health_interval": 10,
    "alb_health_timeout": 5,
    **{variable: naming.PORTS[member] for variable, member in naming.VARIABLES.items() if member in naming.PORTS},
}


def steps(description: dict[str, Any]) -> Iterator[Problem]:
    """Percent and minutes of a canary or linear shift (rule CD-12)."""
    traffic = description.get("railyard_traffic", {})
    shift = traffic.get("shift")
    if shift not in ("canary", "linear"):
        return
    limits = {"percent": (99, "percent of the traffic in the first step"), "minutes": (TWO_DAYS, "minutes between steps")}
    for key, (most, meaning) in limits.items():
        path = ("railyard_traffic", key)
        if key not in traffic:
            yield Problem(f"a {shift} shift needs {key}", path, f"{meaning}, 1 to {most}")
        elif traffic[key] is not None and not 1 <= traffic[key] <= most:
            yield Problem(f"a {shift} shift cannot have {traffic[key]} {meaning}", path, f"1 to {most}")


def duration(description: dict[str, Any]) -> Iterator[Problem]:
    """A linear shift ends within two days (rule CD-12)."""
    traffic = description.get("railyard_traffic", {})
    percent, minutes = traffic.get("percent") or 0, traffic.get("minutes") or 0
    if traffic.get("shift") != "linear" or not 1 <= percent <= 99 or not 1 <= minutes <= TWO_DAYS:
        return
    count = math.ceil(100 / percent) - 1
    if count * minutes > TWO_DAYS:
        what = f"{percent} percent every {minutes} minutes takes {count * minutes} minutes, and CodeDeploy allows {TWO_DAYS}"
        yield Problem(what, ("railyard_traffic", "minutes"), f"at most {TWO_DAYS // count} with {percent} percent")


def old_tasks(description: dict[str, Any]) -> Iterator[Problem]:
    """For how many minutes the old tasks are kept (rule CD-5; with ECS itself rule ECS-N1)."""
    minutes = description.get("railyard_traffic", {}).get("keep_old") or 0
    most, words = (ONE_DAY, "one day") if description.get("railyard_engine") == "ecs" else (TWO_DAYS, "two days")
    if not 0 <= minutes <= most:
        yield Problem(f"old tasks cannot be kept for {minutes} minutes", ("railyard_traffic", "keep_old"), f"0 to {most}, which is {words}")


def steps_of_ecs(description: dict[str, Any]) -> Iterator[Problem]:
    """ECS itself takes steps of at least 3 percent, and at most a day between them (rule ECS-N1)."""
    traffic = description.get("railyard_traffic", {})
    if description.get("railyard_engine") != "ecs" or traffic.get("shift") not in ("canary", "linear"):
        return
    percent, minutes = traffic.get("percent"), traffic.get("minutes")
    if traffic["shift"] == "linear" and percent in (1, 2):
        yield Problem(f"ECS does not shift {percent} percent at a time", ("railyard_traffic", "percent"), "3 to 99")
    if minutes and ONE_DAY < minutes <= TWO_DAYS:
        yield Problem(
            f"ECS does not wait {minutes} minutes between steps", ("railyard_traffic", "minutes"), f"1 to {ONE_DAY}, which is one day"
        )


def load_balancer(description: dict[str, Any]) -> Iterator[Problem]:
    """Numbers of the load balancer, where an inventory sets them."""
    for name, (least, most, unit) in LIMITS.items():
        value = description.get(name)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool):
            yield Problem(f"{name} is {value!r}, not a whole number", (name,), f"{least} to {most}, without quotes")
        elif not least <= value <= most:
            yield Problem(f"the load balancer does not take {value} {unit}", (name,), f"{least} to {most}")


def health_check(description: dict[str, Any]) -> Iterator[Problem]:
    """A check must have failed before the next begins (rule ELB-4); two listeners need two ports."""
    given = {name: value for name, value in {**DEFAULTS, **description}.items() if name in DEFAULTS and isinstance(value, int)}
    if len(given) < len(DEFAULTS):
        return
    timeout, interval = given["alb_health_timeout"], given["alb_health_interval"]
    if timeout >= interval:
        path = ("alb_health_timeout",) if "alb_health_timeout" in description else ("alb_health_interval",)
        yield Problem(
            f"a health check fails after {timeout} seconds and is repeated every {interval}",
            path,
            "alb_health_timeout smaller than alb_health_interval",
        )
    if given["alb_production_port"] == given["alb_test_port"]:
        path = ("alb_test_port",) if "alb_test_port" in description else ("alb_production_port",)
        yield Problem(f"production and test listener both have port {given['alb_test_port']}", path, "two ports")
