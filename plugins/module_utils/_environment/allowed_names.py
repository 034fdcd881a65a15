# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names that the environment's parts will have, and what AWS allows for them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from . import naming
from .problem import Path, Problem

LOWER = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
# Task definitions, services and log groups take more, with the environment's name before it.
LONGEST = 100
LOWER_RIGHT = "lower-case letters, digits and single hyphens, beginning with a letter"


def plain_names(description: dict[str, Any]) -> Iterator[Problem]:
    """Names are lower-case without a double hyphen, which ECR and RDS require (rules ECR-1, RDS-2)."""
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
    """Beginnings of names that AWS reserves: `internal-…` for load balancers (rule ELB-2), `aws…` and `ssm…` of SSM (rule SSM-P5)."""
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
    """One problem for each variable that makes a name longer than AWS allows."""
    names = naming.build(description)
    if not names.environment_name:
        return
    too_long: dict[str, list[tuple[str, str, int]]] = {}
    for kind, member, text, limit in resource_names(names, bool(description.get("railyard_pipeline"))):
        if len(text) > limit:
            too_long.setdefault(_variable(description, member), []).append((kind, text, limit))
    for variable, found in too_long.items():
        stem = str(description[variable]) if variable in naming.VARIABLES else names.environment_name
        room = min(limit - (len(text) - len(stem)) for _kind, text, limit in found)
        told = "; ".join(f"the {kind} {text} would have {len(text)} characters, and AWS allows {limit}" for kind, text, limit in found)
        what = variable if variable in naming.VARIABLES else "railyard_app and railyard_environment together with the hyphen between them"
        yield Problem(told, (variable,), f"{what}: at most {room} characters ({stem} has {len(stem)})")


def _variable(description: dict[str, Any], member: str) -> str:
    """The variable from which a member of Names is made."""
    own = next(variable for variable, sets in naming.VARIABLES.items() if sets == member)
    return own if description.get(own) not in (None, "") else "railyard_app"


def name(description: dict[str, Any]) -> str:
    """`shop-production`, "" when a part of it is not known."""
    return naming.build(description).environment_name


def resource_names(names: naming.Names, pipeline: bool = True) -> list[tuple[str, str, str, int]]:
    """Kind, the member of Names that it is made of, name and longest allowed length (rules ELB-2, ELB-3, CD-1, RDS-2, ECR-1, IAM, S3)."""
    return [
        ("target group", "load_balancer", names.target_groups[1], 32),
        ("load balancer", "load_balancer", names.load_balancer, 32),
        ("bucket of access logs", "load_balancer", names.access_log_bucket, 63),
        ("bucket of releases", "bucket", names.bucket, 63),
        ("database", "database", names.database, 63),
        ("IAM role", "cluster", names.roles["infrastructure"], 64),
        ("IAM role", "codedeploy", names.roles["codedeploy"], 64),
        ("IAM role", "console", names.roles["console"], 64),
        ("CodeDeploy application", "codedeploy", names.codedeploy, 100),
        ("image repository", "repository", names.repository, 256),
        ("cluster", "cluster", names.cluster, 255),
        *(_of_pipeline(names) if pipeline else []),
    ]


def _of_pipeline(names: naming.Names) -> list[tuple[str, str, str, int]]:
    return [
        ("connection", "pipeline", names.pipeline, 32),
        ("bucket of artifacts", "pipeline", names.artifact_bucket, 63),
        ("IAM role", "pipeline", names.roles["pipeline"], 64),
        ("image repository", "repository", names.cache_repository, 256),
    ]
