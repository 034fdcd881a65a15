# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that the environment's parts will have, and what AWS allows for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .problem import Path, Problem

LOWER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Task definitions, services and log groups take more, with the environment's name before it.
LONGEST = 100
# What is named after the load balancer, which may have a name of its own.
FRONT = ("target group", "load balancer", "bucket of access logs")
LOWER_RIGHT = "lower-case letters, digits and single hyphens, beginning with a letter"


def plain_names(description: dict[str, Any]) -> Iterator[Problem]:
    """ECR and RDS want lower case and no double hyphen (rules ECR-1, RDS-2), so everybody does."""
    paths: list[tuple[str, Path]] = [
        (description[name], (name,)) for name in ("railyard_app", "railyard_environment") if name in description
    ]
    for variable in ("railyard_processes", "railyard_schedules"):
        paths += [(name, (variable, name)) for name in description.get(variable, {})]
    for name, path in paths:
        if not LOWER.fullmatch(name):
            yield Problem(f"{name!r} cannot be part of a name in AWS", path, LOWER_RIGHT)
        elif len(name) > LONGEST and len(path) > 1:
            yield Problem(f"{name} has {len(name)} characters, and names of tasks are made of it", path, f"at most {LONGEST} characters")


def reserved_names(description: dict[str, Any]) -> Iterator[Problem]:
    """What AWS keeps for itself: `internal-…` for load balancers (rule ELB-2), `aws…` and `ssm…` in Parameter Store (rule SSM-P5)."""
    app = description.get("railyard_app", "")
    if name(description).startswith("internal-"):
        yield Problem("the load balancer's name would begin with internal-, which AWS refuses", ("railyard_app",), "another name")
    if app.startswith(("aws", "ssm")):
        yield Problem(
            f"parameters would be under /{app}/, and Parameter Store keeps names that begin with {app[:3]}",
            ("railyard_app",),
            "another name",
        )
    if "database" in description.get("railyard_processes", {}):
        what = "a process cannot be called database: railyard_sizes.database is the size of the database"
        yield Problem(what, ("railyard_processes", "database"), "another name")


def lengths(description: dict[str, Any]) -> Iterator[Problem]:
    """Every name that would be longer than AWS allows, as one problem."""
    base = name(description)
    if not base:
        return
    too_long = [(kind, text, limit) for kind, text, limit in resource_names(description) if len(text) > limit]
    if not too_long:
        return
    only_front = "alb_name" in description and all(kind in FRONT for kind, *_rest in too_long)
    stem = description["alb_name"] if only_front else base
    room = min(limit - (len(text) - len(stem)) for _unused, text, limit in too_long if text.startswith(stem))
    told = "; ".join(f"the {kind} {text} would have {len(text)} characters, and AWS allows {limit}" for kind, text, limit in too_long)
    path: Path = ("alb_name",) if only_front else ("railyard_app",)
    what = "alb_name" if only_front else "railyard_app and railyard_environment together with the hyphen between them"
    yield Problem(told, path, f"{what}: at most {room} characters ({stem} has {len(stem)})")


def name(description: dict[str, Any]) -> str:
    """`shop-production`, "" when a part of it is not known."""
    app, environment = description.get("railyard_app"), description.get("railyard_environment")
    return f"{app}-{environment}" if app and environment else ""


def resource_names(description: dict[str, Any]) -> list[tuple[str, str, int]]:
    """Kind, name and longest allowed length of what is named after the environment (rules ELB-2, ELB-3, CD-1, RDS-2, ECR-1, IAM, S3)."""
    base = name(description)
    front = description.get("alb_name", base)
    account, region = description.get("railyard_account_id", ""), description.get("railyard_region", "")
    return [
        ("target group", f"{front}-green", 32),
        ("load balancer", front, 32),
        ("bucket of access logs", f"{front}-alb-logs-{account}-{region}", 63),
        ("bucket of releases", f"{base}-releases-{account}", 63),
        ("database", base, 63),
        ("IAM role", f"{base}-codedeploy", 64),
        ("CodeDeploy application", base, 100),
        ("image repository", base, 256),
        ("cluster", base, 255),
    ]
