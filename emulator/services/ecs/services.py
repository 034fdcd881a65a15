"""ECS services. https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""

from __future__ import annotations

import copy
from functools import partial
from typing import Any, cast

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import desired_tasks, rolling, scheduler, service_deployments, task_sets
from . import state as ecs
from .shapes import Cluster, Service

ROLE = "AWSServiceRoleForECS"
MOST_DEPLOYMENTS = 5
# Members of UpdateService that are set as they come; those of RUN also begin a deployment.
PLAIN = ("enableECSManagedTags", "propagateTags", "placementConstraints", "placementStrategy", "healthCheckGracePeriodSeconds")
SWITCHES = ("enableExecuteCommand", "availabilityZoneRebalancing", "deploymentController")
RUN = ("capacityProviderStrategy", "networkConfiguration", "platformVersion", "loadBalancers", "serviceRegistries")


def linked_role(call: Call) -> Refusal | None:
    """ECS works through its service-linked role, which an account that never had a cluster lacks (ECS-S25)."""
    if any(role.name == ROLE for role in world.backend("iam", call).roles.values()):
        return None
    return ecs.invalid("Unable to assume the service linked role. Please verify that the ECS service linked role exists.")


def _settings(given: dict[str, Any] | None, controller: str) -> dict[str, Any]:
    """deploymentConfiguration with AWS's defaults."""
    defaults: dict[str, Any] = {"maximumPercent": 200, "minimumHealthyPercent": 100}
    if controller == "ECS":
        defaults["deploymentCircuitBreaker"] = {"enable": False, "rollback": False}
        defaults.update(strategy="ROLLING", bakeTimeInMinutes=0)
    return {**defaults, **copy.deepcopy(given or {})}


def _rebalancing(params: dict[str, Any], controller: str) -> str:
    return str(params.get("availabilityZoneRebalancing") or ("ENABLED" if controller == "ECS" else "DISABLED"))


def _placement(cluster: Cluster, params: dict[str, Any]) -> dict[str, Any]:
    """Launch type or capacity providers: the caller's, else the cluster's default, else EC2."""
    if params.get("launchType"):
        return {"launchType": params["launchType"]}
    strategy = params.get("capacityProviderStrategy") or cluster["defaultCapacityProviderStrategy"]
    if strategy:
        return {"capacityProviderStrategy": [{"base": 0, "weight": 0, **item} for item in strategy]}
    return {"launchType": "EC2"}


def make(call: Call, cluster: Cluster) -> Service:
    """The service that AWS stores for the parameters of CreateService."""
    params, name = call.params, call.params["serviceName"]
    kind = params.get("deploymentController", {}).get("type", "ECS")
    service: Service = {
        "serviceArn": call.arn("ecs", f"service/{cluster['clusterName']}/{name}"),
        "serviceName": name,
        "clusterArn": cluster["clusterArn"],
        "loadBalancers": copy.deepcopy(params.get("loadBalancers", [])),
        "serviceRegistries": copy.deepcopy(params.get("serviceRegistries", [])),
        "status": "ACTIVE",
        "desiredCount": params.get("desiredCount", 0),
        "runningCount": 0,
        "pendingCount": 0,
        **cast(Service, _placement(cluster, params)),
        "deploymentConfiguration": _settings(params.get("deploymentConfiguration"), kind),
        "taskSets": [],
        "deployments": [],
        "events": [],
        "createdAt": world.clock.utc(),
        "createdBy": call.arn("iam", "root", regional=False),
        "roleArn": call.arn("iam", f"role/aws-service-role/ecs.amazonaws.com/{ROLE}", regional=False),
        "placementConstraints": copy.deepcopy(params.get("placementConstraints", [])),
        "placementStrategy": copy.deepcopy(params.get("placementStrategy", [])),
        "schedulingStrategy": params.get("schedulingStrategy", "REPLICA"),
        "deploymentController": {"type": kind},
        "enableECSManagedTags": params.get("enableECSManagedTags", False),
        "propagateTags": params.get("propagateTags", "NONE"),
        "enableExecuteCommand": params.get("enableExecuteCommand", False),
        "availabilityZoneRebalancing": _rebalancing(params, kind),
        "asked": copy.deepcopy(params),
    }
    _optional(call, service)
    service["watch"] = partial(scheduler.wake, call, service)
    return service


def _optional(call: Call, service: Service) -> None:
    params = call.params
    if service.get("launchType") != "EC2":
        service.update({"platformVersion": params.get("platformVersion") or "LATEST", "platformFamily": "Linux"})
    if params.get("taskDefinition"):
        service["taskDefinition"] = ecs.definition(call, params["taskDefinition"])["taskDefinitionArn"]
    if params.get("networkConfiguration"):
        service["networkConfiguration"] = _network(params["networkConfiguration"])
    if service["loadBalancers"]:
        service["healthCheckGracePeriodSeconds"] = params.get("healthCheckGracePeriodSeconds", 0)


def _network(given: dict[str, Any]) -> dict[str, Any]:
    defaults = {"securityGroups": [], "assignPublicIp": "DISABLED"}
    return {"awsvpcConfiguration": {**defaults, **copy.deepcopy(given.get("awsvpcConfiguration", {}))}}


def view(call: Call, service: Service, *, with_tags: bool) -> dict[str, Any]:
    rolling.counts(call, service)
    shown = [task_sets.view(call, run, with_tags=with_tags) for run in service["taskSets"]]
    found = {**service, "taskSets": shown, **({"tags": ecs.tags(call, service["serviceArn"])} if with_tags else {})}
    if ecs.controller(service) == "ECS":
        del found["taskSets"]
        found["currentServiceRevisions"] = [service_deployments.summary(run) for run in service["deployments"] if "revision" in run]
    return found


def _again(call: Call, cluster: Cluster) -> Service | None:
    """The service of this name if it was created with the same parameters; refuses one that was not (ECS-S23, ECS-S24)."""
    found = ecs.find_service(call, cluster["clusterName"], call.params["serviceName"])
    if found is None or found["status"] == "INACTIVE":
        return None
    if found["status"] == "DRAINING":
        raise ecs.invalid("Unable to Start a service that is still Draining.")
    if {**found["asked"], "clientToken": None} != {**call.params, "clientToken": None}:
        raise ecs.invalid("Creation of service was not idempotent.")
    return found


@operation("ecs", "CreateService")
def create_service(call: Call) -> dict[str, Any]:
    cluster = ecs.cluster(call, call.params.get("cluster"))
    if (refusal := linked_role(call)) is not None:
        raise refusal
    found = _again(call, cluster)
    if found is None:
        found = make(call, cluster)
        ecs.table(call, "services")[cluster["clusterName"], found["serviceName"]] = found
        ecs.set_tags(call, found["serviceArn"], call.params.get("tags"))
        kind = ecs.controller(found)
        if kind == "ECS":
            rolling.begin(call, found)
        elif kind == "CODE_DEPLOY":
            task_sets.make(call, found, found, status="PRIMARY")
        scheduler.wake(call, found)
    return {"service": view(call, found, with_tags=True)}


@operation("ecs", "DescribeServices")
def describe_services(call: Call) -> dict[str, Any]:
    cluster = ecs.find_cluster(call, call.params.get("cluster"))
    if cluster is None:
        raise Refusal("ClusterNotFoundException", "Cluster not found.")
    answer: dict[str, Any] = {"services": [], "failures": []}
    for name in call.params["services"]:
        ecs.in_cluster(cluster, name)
        found = ecs.find_service(call, cluster["clusterName"], name)
        if found is None:
            answer["failures"].append(ecs.missing(call, f"service/{cluster['clusterName']}", name))
        else:
            answer["services"].append(view(call, found, with_tags=ecs.include(call, "TAGS")))
    return answer


@operation("ecs", "ListServices")
def list_services(call: Call) -> dict[str, Any]:
    """Services that are not INACTIVE; ten on a page unless asked for more."""
    cluster = ecs.cluster(call, call.params.get("cluster"))
    wanted = {"launchType": call.params.get("launchType"), "schedulingStrategy": call.params.get("schedulingStrategy")}
    arns = [
        found["serviceArn"]
        for found in ecs.services_in(call, cluster["clusterName"])
        if found["status"] != "INACTIVE" and all(value in (None, found.get(member)) for member, value in wanted.items())
    ]
    items, more = ecs.page(call, arns, 10, 100)
    return {"serviceArns": items, **more}


def _to_ecs(call: Call, service: Service) -> bool:
    """A service that comes to the ECS controller keeps its tasks until a deployment has replaced them (ECS-U5)."""
    if call.params.get("deploymentController", {}).get("type") != "ECS" or ecs.controller(service) == "ECS":
        return False
    for run in service["taskSets"]:
        run.update({"desiredCount": run["computedDesiredCount"], "failedTasks": 0, "rolloutState": "COMPLETED", "rolloutStateReason": ""})
    service["deployments"], service["taskSets"] = service["taskSets"], []
    for run in service["deployments"]:
        service_deployments.begin(call, service, run, None, 0)
        service_deployments.finish(run["record"], "SUCCESSFUL")
        if run["status"] == "PRIMARY":
            service["completed"] = {member: copy.deepcopy(value) for member, value in run.items() if member in desired_tasks.TAKEN}
    service["deploymentConfiguration"] = _settings(service["deploymentConfiguration"], "ECS")
    return True


@operation("ecs", "UpdateService")
def update_service(call: Call) -> dict[str, Any]:
    """What says how tasks are made begins a deployment, the sixth at once is refused (ECS-U8); the rest is only stored."""
    params = call.params
    service = ecs.service(call, params.get("cluster"), params["service"])
    new: dict[str, Any] = {member: copy.deepcopy(params[member]) for member in RUN if member in params}
    if params.get("taskDefinition"):
        new["taskDefinition"] = ecs.definition(call, params["taskDefinition"])["taskDefinitionArn"]
    if "networkConfiguration" in new:
        new["networkConfiguration"] = _network(new["networkConfiguration"])
    changed = _to_ecs(call, service)
    service.update(cast(Service, {member: params[member] for member in (*PLAIN, *SWITCHES) if member in params}))
    if "desiredCount" in params:
        service["desiredCount"] = params["desiredCount"]
    if "deploymentConfiguration" in params:
        service["deploymentConfiguration"] = {**service["deploymentConfiguration"], **params["deploymentConfiguration"]}
    changed = changed or any(service.get(member) != value for member, value in new.items()) or params.get("forceNewDeployment", False)
    service.update(cast(Service, new))
    if new.get("capacityProviderStrategy"):
        service.pop("launchType", None)
    if changed and ecs.controller(service) == "ECS":
        if len(service["deployments"]) >= MOST_DEPLOYMENTS:
            raise ecs.invalid(f"{MOST_DEPLOYMENTS} active deployments exist, unable to create new deployment.")
        rolling.begin(call, service)
    for run in service["taskSets"]:
        run["computedDesiredCount"] = scheduler.computed(service, run)
    if ecs.controller(service) == "ECS":
        service["deployments"][0]["desiredCount"] = service["desiredCount"]
    scheduler.wake(call, service)
    return {"service": view(call, service, with_tags=True)}


@operation("ecs", "DeleteService")
def delete_service(call: Call) -> dict[str, Any]:
    """The service is DRAINING until its tasks are stopped, then INACTIVE (ECS-S24)."""
    cluster = ecs.cluster(call, call.params.get("cluster"))
    service = ecs.find_service(call, cluster["clusterName"], call.params["service"])
    if service is None or service["status"] == "INACTIVE":
        raise Refusal("ServiceNotFoundException", "Service not found.")
    if service["desiredCount"] > 0 and not call.params.get("force"):
        raise ecs.invalid("The service cannot be stopped while it is scaled above 0.")
    spare = 0 if ecs.controller(service) == "EXTERNAL" else 1
    if len(service["deployments"] + service["taskSets"]) > spare and not call.params.get("force"):
        raise ecs.invalid("The service cannot be stopped while deployments are active.")
    service.update({"status": "DRAINING", "desiredCount": 0})
    for run in service["deployments"] + service["taskSets"]:
        run.update({"desiredCount": 0} if "desiredCount" in run else {"status": "DRAINING", "computedDesiredCount": 0})
    scheduler.wake(call, service)
    return {"service": view(call, service, with_tags=True)}
