# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who owns the fields that a converge leaves as they are. Pure. docs/docsite/rst/architecture.rst has the reasons."""

from __future__ import annotations

import re

DEPLOYER, SCALER, AWS, NOBODY = "deployer", "scaler", "AWS", "nobody"
# Kind of the resource, path of the field, owner. The first that fits counts.
OWNERS = (
    ("elbv2 listener", r"default_actions", DEPLOYER),
    ("elbv2 target group", r"health_|matcher|port$|healthy_|unhealthy_", DEPLOYER),
    ("ecs service", r"desired_count", SCALER),
    ("ecs service", r"task_definition|load_balancers|platform_|network_configuration|task_sets|deployment", DEPLOYER),
    ("codedeploy deployment group", r"target_revision", DEPLOYER),
    ("ecs task definition", r"containers\..*\.image|task_definition_arn|revision", DEPLOYER),
    ("application scalable target", r"suspended_state", DEPLOYER),
    ("application scalable target", r"(min|max)_capacity", SCALER),
    (
        "rds instance",
        r"allocated_storage|engine_version|iops|storage_throughput|pending_|preferred_|ca_|enable_cloudwatch_logs_exports",
        AWS,
    ),
)
# What changes by itself from minute to minute, and is nobody's decision.
PASSING = re.compile(
    r"(^|\.)(status|state(_\w+)?|\w+_status|\w*status_(at|reason)"
    r"|(running|pending|failed|registered|computed)\w*|\w+_(at|time)|created_by|registered_by|last_\w+"
    r"|task_sets|deployments|endpoint|load_balancer_arns|latest_\w+|version|alarms)(\.|$)"
)


def owner(kind: str, path: str) -> str:
    """Whose field it is that is not as the last converge has left it, although a converge would leave it."""
    return next((who for of, where, who in OWNERS if of in ("", kind) and re.match(where, path)), NOBODY)


def passing(path: str) -> bool:
    return bool(PASSING.search(path))
