# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What site.yml makes that has a name, by kind, as far as the description tells. Pure."""

from __future__ import annotations

from typing import Any

from .environment import Environment

# The variable by which a role calls its parts otherwise than the environment.
VARIABLES = {
    "vpc": "vpc_name",
    "security group": "vpc_name",
    "load balancer": "alb_name",
    "target group": "alb_name",
    "ecs cluster": "ecs_name",
    "ecs service": "ecs_name",
    "ecs task definition": "ecs_name",
    "codedeploy application": "codedeploy_name",
    "database": "rds_name",
    "database subnet group": "rds_name",
    "database parameter group": "rds_name",
    "image repository": "ecr_name",
    "session document": "ssm_hybrid_base",
    "log group": "ecs_prefix",
    "parameter": "rds_parameter_prefix",
    "bucket": "releases_bucket",
}
ROLES = {
    "execution": "ecs_name",
    "task": "ecs_name",
    "infrastructure": "ecs_name",
    "codedeploy": "codedeploy_name",
    "console": "ssm_hybrid_base",
}
OVERRIDES = tuple(dict.fromkeys((*VARIABLES.values(), *ROLES.values(), "alb_access_logs", "ssm_hybrid_name", "rds_log_exports")))
# Kinds that are below a path, and variables that say something else than how the names of a kind begin.
BELOW, APART = {"log group", "parameter"}, {"alb_name", "releases_bucket"}


def parts(description: dict[str, Any], overrides: dict[str, Any]) -> dict[str, list[str]]:
    """Names by kind. `overrides`: what of OVERRIDES the inventory sets."""
    database = description["railyard_database"]
    known = {
        "process": tuple(description["railyard_processes"]),
        "account": (str(description["railyard_account_id"]),),
        "region": (str(description["railyard_region"]),),
        "family": (f"{database['engine']}{str(database['version']).partition('.')[0]}",),
        "log": tuple(overrides.get("rds_log_exports", ("postgresql", "upgrade"))),
        **({"front": (str(overrides["alb_name"]),)} if overrides.get("alb_name") else {}),
    }
    database_logs = {"base": (str(overrides["rds_name"]).lower(),)} if overrides.get("rds_name") else {}
    found = {
        kind: _names(description, known | (database_logs if kind == "log group" else {}), kind, overrides.get(variable))
        for kind, variable in VARIABLES.items()
    }
    found["role"] = [name for suffix, variable in ROLES.items() for name in _roles(description, suffix, overrides.get(variable))]
    if description.get("railyard_engine") == "ecs":
        found["codedeploy application"] = []
    if description.get("railyard_console", "hybrid") != "hybrid":
        found["session document"] = []
    releases, *logs = found["bucket"]
    found["bucket"] = [str(overrides.get("releases_bucket") or releases), *(logs if overrides.get("alb_access_logs", True) else [])]
    return {kind: names for kind, names in found.items() if names}


def _environment(description: dict[str, Any], known: dict[str, tuple[str, ...]]) -> Environment:
    return Environment(description["railyard_app"], description["railyard_environment"], known)


def _names(description: dict[str, Any], known: dict[str, tuple[str, ...]], kind: str, called: Any) -> list[str]:
    own = {}
    if called and kind in BELOW:
        own = {"path": (f"{called}/",)}
    elif called and VARIABLES[kind] not in APART:
        own = {"base": (str(called),)}
    return _environment(description, {**known, **own}).names(kind)


def _roles(description: dict[str, Any], suffix: str, called: Any) -> list[str]:
    engine = description.get("railyard_engine") or "codedeploy"
    console = description.get("railyard_console", "hybrid")
    unused = {"infrastructure": engine != "ecs", "codedeploy": engine == "ecs", "console": console != "hybrid"}
    base = called or f"{description['railyard_app']}-{description['railyard_environment']}"
    return [] if unused.get(suffix) else [f"{base}-{suffix}"]
