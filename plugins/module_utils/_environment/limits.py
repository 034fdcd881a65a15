# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ranges, patterns and allowed words of role variables. The numbers of the alb role are in releases.py, which also compares them with
each other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from .._core import ownership
from . import additions, place, sums
from .problem import Problem, one_of

MOST = 2147483647
RANGES = {
    "alb_access_log_days": (1, MOST),
    "alb_target_port": (1, 65535),
    "codedeploy_wait_minutes": (0, 2880),
    "ecr_keep_images": (1, 10000),
    "ecr_untagged_days": (1, 3650),
    "ecs_grace_period": (0, MOST),
    "ecs_scale_in_cooldown": (0, 86400),
    "ecs_scale_out_cooldown": (0, 86400),
    "ecs_stop_timeout": (2, 120),
    "ecs_wait_timeout": (0, 86400),
    "rds_wait_interval": (1, 3600),
    "rds_wait_timeout": (1, 86400),
    "releases_keep": (1, 1000),
    "releases_noncurrent_days": (1, MOST),
    "releases_lock_timeout": (0, 86400),
    "ssm_hybrid_idle_minutes": (1, 60),
    "ssm_hybrid_minutes": (1, 1440),
    "vpc_zone_count": (2, 8),
}
LOG_DAYS = ("ecs_log_days", "rds_log_days", "ssm_hybrid_log_days")
KEY_ARN = (r"|arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:(key|alias)/.+|[0-9a-f-]{36}|mrk-[0-9a-f]{32}|alias/.+", "the ARN of a KMS key")
CODES = r"[2-4]\d\d(-[2-4]\d\d)?"
NAME = r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?"
FORMS = {
    "alb_health_matcher": (rf"{CODES}(,{CODES})*", "status codes of 200 to 499, 200 or 200-299 for example"),
    "alb_health_path": (r"/\S{0,1023}", "a path that begins with a slash and has no blanks"),
    "alb_name": (rf"(?!internal-){NAME}", "at most 32 letters, digits and hyphens, none of them at the ends"),
    "codedeploy_name": (r"[A-Za-z0-9+=,.@_-]{1,53}", "at most 53 letters, digits and + = , . @ _ -"),
    "ecr_kms_key": KEY_ARN,
    "ecr_name": (r"[a-z0-9]+([._/-]+[a-z0-9]+)*", "lower-case letters, digits, and . _ - / between them"),
    "ecs_name": (r"[A-Za-z0-9_-]{1,49}", "at most 49 letters, digits, hyphens and underscores"),
    "ecs_prefix": (r"(?!/(aws|ssm))(/[A-Za-z0-9_.-]+){1,13}", "a path such as /shop/production; /aws and /ssm are AWS's own"),
    "pipeline_name": (r"[A-Za-z0-9_-]{2,32}", "2 to 32 letters, digits, hyphens and underscores"),
    "rds_database_name": (r"[A-Za-z_][A-Za-z0-9_]{0,62}", "a letter, then at most 62 letters, digits and underscores"),
    "rds_kms_key_id": KEY_ARN,
    "rds_name": (r"(?=.{1,63}$)[A-Za-z](-?[A-Za-z0-9])*", "at most 63 letters, digits and single hyphens, a letter first"),
    "rds_storage_type": (r"gp2|gp3", "gp3, or gp2"),
    "rds_url_options": (r"\S*", "options of a PostgreSQL URL, sslmode=require for example"),
    "rds_username": (r"[A-Za-z][A-Za-z0-9_]{0,62}", "a letter, then at most 62 letters, digits and underscores"),
    "releases_bucket": (r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "3 to 63 lower-case letters, digits, periods and hyphens"),
    "releases_kms_key": KEY_ARN,
    "ssm_hybrid_kms_key": KEY_ARN,
    "ssm_hybrid_name": (r"[A-Za-z0-9_.-]{3,56}", "3 to 56 letters, digits and _ . -"),
    "vpc_name": (r"[A-Za-z0-9 ._:/()#,@+=&;{}!$*-]{1,240}", "at most 240 letters, digits, blanks and signs"),
}
# Users that PostgreSQL and RDS keep for themselves (rule RDS-5).
RESERVED_USERS = {"admin", "rdsadmin", "rds_superuser", "rds_replication", "rds_iam", "rds_password", "rdsrepladmin"}
LOGS = ("postgresql", "upgrade", "iam-db-auth-error")


def problems(name: str, value: Any) -> Iterator[Problem]:
    """Problems of one variable, whose type has been checked: what AWS would refuse."""
    if name in RANGES and isinstance(value, int) and not RANGES[name][0] <= value <= RANGES[name][1]:
        least, most = RANGES[name]
        yield Problem(f"{name} cannot be {value}", (name,), f"{least} or more" if most == MOST else f"{least} to {most}")
    if name in LOG_DAYS and value not in place.LOG_DAYS:
        yield Problem(f"CloudWatch Logs cannot keep lines for {value} days", (name,), one_of(place.LOG_DAYS))
    if name in FORMS and isinstance(value, str) and not re.fullmatch(FORMS[name][0], value):
        yield Problem(f"{name} cannot be {value!r}", (name,), FORMS[name][1])
    if name == "rds_username" and str(value).lower() in RESERVED_USERS:
        yield Problem(f"RDS keeps the user {value} for itself", (name,), "another name, rails for example")
    if name == "rds_log_exports" and (wrong := [log for log in value if log not in LOGS]):
        yield Problem(f"PostgreSQL has no log {wrong[0]} to export", (name, value.index(wrong[0])), one_of(LOGS))
    if name in ("ecs_task_policies", "ecs_execution_policies"):
        yield from sums.task_policies(name, value)
    yield from additions.problems(name, value)
    yield from _of_kind(name, value)


def _of_kind(name: str, value: Any) -> Iterator[Problem]:
    """Problems of a variable that several roles have, found by the end of its name."""
    if name.endswith("_sources") and isinstance(value, list):
        yield from _sources(name, value)
    if name.endswith("_processes") and isinstance(value, dict) and not value.get("web"):
        yield Problem(f"{name} has no web, the process behind the load balancer", (name,), "web with its port, cpu, memory, min and max")
    if name.endswith("_tags") and isinstance(value, dict):
        if not ownership.declared(value):
            what = (
                f"{name} does not say whose the parts are: {', '.join(ownership.KEYS)} are missing, and the next run takes them for foreign"
            )
            yield Problem(what, (name,), "railyard_tags, which is added to those three")
        for key, text in value.items():
            yield from place.tag(str(key), text, (name, str(key)))


def _sources(name: str, value: list[Any]) -> Iterator[Problem]:
    for number, source in enumerate(value):
        text = str(source)
        right = "a range such as 10.99.0.0/16, a prefix list (pl-…) or a security group (sg-…)"
        if not re.fullmatch(r"(pl|sg)-[0-9a-f]{8,17}", text):
            try:
                loose = ip_network(text, strict=False)
            except ValueError:
                yield Problem(f"{text!r} is no source of packets", (name, number), right)
                continue
            if "/" not in text or str(loose) != text:
                what = f"{text} is one address, not a range" if "/" not in text else f"{text} is an address within a range"
                yield Problem(what, (name, number), str(loose))
        if text in map(str, value[:number]):
            yield Problem(f"{text} is there twice", (name, number), "each source once")
