# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Why targets are unhealthy: what the load balancer was told by them."""

from __future__ import annotations

import re
from typing import Any

from .._core import aws
from .._core.printable import plain
from .._ecs import revisions, stopped_task
from .._environment.naming import Names
from .._status.live import LoadBalancer
from .findings import Finding, finding
from .stops import AT_ONCE, LINES

Clients = dict[str, Any]
WEB = "web"
CODES = re.compile(r"codes: \[([0-9, ]+)\]")
REDIRECT = (
    "the health check is answered by a redirect, mostly one to HTTPS: Rails forces it. Exclude the health path in config.ssl_options "
    "(redirect: {exclude: …}), or set RAILS_FORCE_SSL to 0 in railyard_variables; then site.yml and playbooks/deploy.yml"
)
# By the first digits of the status; the longest that fits counts.
STATUSES = {
    "3": REDIRECT,
    "401": "the health path asks for a password; health of the process must name one that does not",
    "403": "the application refuses the host or the address: config.hosts of Rails must allow the health path (host_authorization exclude)",
    "404": "the application has no such path: health of the process in railyard_processes names it",
    "4": "the application refuses the request of the health check",
    "502": "something in the container answers for the application, which does not run",
    "503": "the application says that it is not ready; its last lines say why",
    "5": "the application fails at the health path; its last lines say why",
}
REASONS = {
    "Target.FailedHealthChecks": (
        "nobody listens at the port of the target, or the connection is closed: does the application listen at this port and on 0.0.0.0 "
        "(port of the process, PORT, bind of puma)?"
    ),
    "Target.Timeout": (
        "no answer within the time limit: the port is not the one at which the application listens, a security group does not let the load "
        "balancer in, or the application is too slow at the health path"
    ),
    "Target.IpUnusable": "the address cannot be a target: another load balancer has it",
    "Target.HealthCheckDisabled": "the health checks of the target group are switched off; site.yml",
}


def read(clients: Clients, names: Names, balancer: LoadBalancer) -> list[Finding]:
    """A finding for each target group with unhealthy targets, with the last lines of one of the tasks."""
    found: list[Finding] = []
    for group in balancer["groups"]:
        if group["targets"].get("unhealthy"):
            unhealthy = _unhealthy(clients, group["arn"])
            told = said(group["name"], group["weight"], unhealthy)
            found.append({**told, "lines": _lines(clients, names, [one["Target"]["Id"] for one in unhealthy])})
    return found


def _unhealthy(clients: Clients, arn: str) -> list[dict[str, Any]]:
    listed = aws.call(clients["elbv2"], "DescribeTargetHealth", TargetGroupArn=arn)["TargetHealthDescriptions"]
    return [one for one in listed if one["TargetHealth"]["State"].startswith("unhealthy")]


def said(group: str, weight: int, unhealthy: list[dict[str, Any]]) -> Finding:
    """`unhealthy`: of DescribeTargetHealth. Pure."""
    states = [one["TargetHealth"] for one in unhealthy]
    words = sorted({f"{state.get('Reason', '')}: {state.get('Description', '')}" for state in states})
    ports = sorted({str(one["Target"].get("Port")) for one in unhealthy})
    traffic = f"gets {weight} % of the traffic" if weight else "gets no traffic"
    number = f"{len(states)} target{'s are' if len(states) > 1 else ' is'} unhealthy"
    what = f"{number} in {group}, which {traffic} (port {', '.join(ports)})"
    hint = next(filter(None, (help_of(state.get("Reason", ""), state.get("Description", "")) for state in states)), "")
    return finding("target", WEB, what, words, hint, "site.yml" if hint else "")


def help_of(reason: str, description: str) -> str:
    """What helps, by the status that the target answered, or else by AWS's reason. Pure."""
    answered = CODES.search(description)
    if answered is None:
        return REASONS.get(reason, "")
    status = answered[1].split(",")[0].strip()
    return next((STATUSES[status[:digits]] for digits in (3, 1) if status[:digits] in STATUSES), "")


def _lines(clients: Clients, names: Names, addresses: list[str]) -> list[str]:
    """The last lines of a task that runs at one of these addresses; [] where it is gone by now."""
    ecs = clients["ecs"]
    arns = aws.pages(ecs, "ListTasks", "taskArns", cluster=names.cluster, serviceName=WEB)
    tasks = [task for some in aws.batches(arns, 100) for task in aws.call(ecs, "DescribeTasks", cluster=names.cluster, tasks=some)["tasks"]]
    task = next((one for one in tasks if address_of(one) in addresses), None)
    if task is None:
        return []
    definition = revisions.described(ecs, task["taskDefinitionArn"])
    place = stopped_task.log_place(definition, WEB, task["taskArn"])
    return [plain(line) for line in stopped_task.last_lines(clients["logs"], place, LINES, AT_ONCE)] if place else []


def address_of(task: dict[str, Any]) -> str | None:
    """The private address of a task of DescribeTasks. Pure."""
    interfaces = [one for container in task.get("containers", []) for one in container.get("networkInterfaces", [])]
    return next((one["privateIpv4Address"] for one in interfaces if one.get("privateIpv4Address")), None)
