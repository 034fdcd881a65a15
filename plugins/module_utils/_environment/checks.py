# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All checks of a description that need no call of AWS. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from . import allowed_names, database, naming, network, notifications, parts, pipeline, place, processes, releases, secrets, sums
from .network import Neighbour
from .problem import Problem
from .shape import Spec, conform

Check = Callable[[dict[str, Any]], Iterator[Problem]]

CHECKS: tuple[Check, ...] = (
    place.patterns,
    allowed_names.plain_names,
    allowed_names.reserved_names,
    allowed_names.lengths,
    network.cidr,
    network.peers,
    processes.web,
    processes.names,
    processes.ports,
    processes.health_paths,
    processes.complete,
    processes.commands,
    processes.fargate,
    processes.counts,
    processes.scaling,
    database.complete,
    database.version,
    database.name,
    database.instance_class,
    database.numbers,
    database.growth,
    secrets.variables,
    secrets.secrets,
    sums.task_definitions,
    sums.execution_policy,
    place.boundary,
    place.log_days,
    place.console,
    place.schedules,
    place.addresses,
    place.smoke,
    place.tags,
    pipeline.source,
    notifications.told,
    releases.steps,
    releases.duration,
    releases.old_tasks,
    releases.steps_of_ecs,
    releases.load_balancer,
    releases.health_check,
)

# Variables of roles that an inventory may set and that these checks look at.
ROLE_VARIABLES = (*naming.VARIABLES, *parts.VARIABLES, "rds_database_name", *releases.LIMITS)


def problems(specs: dict[str, Spec], description: dict[str, Any], others: Sequence[Neighbour] = ()) -> list[Problem]:
    """Every problem of a description, in the order of the variables' meaning.

    `specs` is the content of `argument_specs` in roles/preflight/meta/argument_specs.yml; `description` the templated `railyard_*`
    variables of one host, with what of ROLE_VARIABLES it sets; `others` the other hosts of the same inventories.
    """
    ours = {name: value for name, value in description.items() if name not in ROLE_VARIABLES}
    clean, found = conform(specs, ours)
    clean |= {name: description[name] for name in ROLE_VARIABLES if description.get(name) is not None}
    # What else a role's variable may be is for the role to say.
    for name in naming.VARIABLES:
        if name in clean and not isinstance(clean[name], int if name.endswith("_port") else str):
            del clean[name]
    for check in CHECKS:
        found.extend(check(clean))
    found.extend(network.neighbours(clean, others))
    found.extend(network.same_environment(clean, others))
    return found
