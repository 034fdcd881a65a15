# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether an appspec names the container and port behind the load balancer of the service that it deploys to."""

from __future__ import annotations

from typing import Any

from .._core import aws

ABSENT = ("ApplicationDoesNotExistException", "DeploymentGroupDoesNotExistException")


def container_problems(
    codedeploy: Any, ecs: Any, where: str, action: dict[str, Any], extra: dict[str, Any], predicted: bool = False
) -> list[str]:
    """The sentences about an action CodeDeployToECS. `extra`: container_name and container_port of the appspec, None when unknown."""
    given = action["configuration"]
    names = {"applicationName": given["ApplicationName"], "deploymentGroupName": given["DeploymentGroupName"]}
    found = aws.find(codedeploy, "GetDeploymentGroup", ABSENT, **names)
    if found is None:
        said = f"{where}, configuration.DeploymentGroupName: {names['applicationName']}/{names['deploymentGroupName']} does not exist"
        return [] if predicted else [said]
    services = found["deploymentGroupInfo"].get("ecsServices", [])
    if not services or not extra.get("container_name"):
        return []
    service = services[0]
    answer = aws.call(ecs, "DescribeServices", cluster=service["clusterName"], services=[service["serviceName"]])
    listed = [place for one in answer.get("services", []) for place in balanced(one)]
    return compared(where, service["serviceName"], listed, extra["container_name"], extra.get("container_port"))


def balanced(service: dict[str, Any]) -> list[dict[str, Any]]:
    """The containers and ports behind load balancers of a service of DescribeServices; of task sets where CodeDeploy moves them. Pure."""
    sets = [place for one in service.get("taskSets", []) for place in one.get("loadBalancers", [])]
    return sets or list(service.get("loadBalancers", []))


def compared(where: str, service: str, listed: list[dict[str, Any]], container: str, port: int | None) -> list[str]:
    """One sentence where the container or port of an appspec is not among those of the service. Pure."""
    places = sorted({(str(one["containerName"]), int(one["containerPort"])) for one in listed if one.get("containerName")})
    if not places or any(container == name and port in (None, number) for name, number in places):
        return []
    asked = f"{container}:{port}" if port else container
    right = " or ".join(f"{name}:{number}" for name, number in places)
    return [f"{where}: the appspec names the container {asked}, and the load balancer of the service {service} sends to {right}"]
