"""Task sets: how services with the CODE_DEPLOY or EXTERNAL controller keep one release beside another.

CodeDeploy calls these through `world.aws`, where no rule runs; a caller from outside may do so only for the EXTERNAL controller
(rules/ecs/clusters.py). https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskSet.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import desired_tasks, scheduler
from . import state as ecs
from .shapes import Run, Service

FULL = {"value": 100.0, "unit": "PERCENT"}
LIMIT = 5


def make(call: Call, service: Service, source: Mapping[str, Any], **members: Any) -> Run:
    """A task set of a service from the members of CreateService or CreateTaskSet."""
    run = desired_tasks.make(call, source)
    run.update(
        {
            "taskSetArn": f"{call.arn('ecs', 'task-set')}/{service['serviceArn'].split('service/', 1)[1]}/{run['id']}",
            "serviceArn": service["serviceArn"],
            "clusterArn": service["clusterArn"],
            "loadBalancers": run.get("loadBalancers", []),
            "serviceRegistries": run.get("serviceRegistries", []),
            "scale": dict(source.get("scale") or FULL),
            "stabilityStatus": "STABILIZING",
            "stabilityStatusAt": world.clock.utc(),
            **cast(Run, members),
        }
    )
    run["computedDesiredCount"] = scheduler.computed(service, run)
    service["taskSets"].append(run)
    service["told"] = None
    return run


def follow(service: Service) -> None:
    """The service shows what its PRIMARY task set says."""
    run = primary(service)
    if run is None:
        return
    service.update(cast(Service, {member: value for member, value in run.items() if member in desired_tasks.TAKEN}))
    service["platformVersion"] = "LATEST" if run.get("platformVersion") == ecs.PLATFORM else run.get("platformVersion")


def primary(service: Service) -> Run | None:
    return next((run for run in service["taskSets"] if run["status"] == "PRIMARY"), None)


def _find(call: Call) -> tuple[Service, Run]:
    service = ecs.service(call, call.params["cluster"], call.params["service"])
    wanted = call.params.get("taskSet") or call.params["primaryTaskSet"]
    for run in service["taskSets"]:
        if wanted in (run["id"], run["taskSetArn"], ecs.last(run["id"])):
            return service, run
    raise Refusal("TaskSetNotFoundException", "The specified task set does not exist.")


def view(call: Call, run: Run, *, with_tags: bool) -> dict[str, Any]:
    desired_tasks.count(call, run)
    return {**run, **({"tags": ecs.tags(call, run["taskSetArn"])} if with_tags else {})}


@operation("ecs", "CreateTaskSet")
def create_task_set(call: Call) -> dict[str, Any]:
    params = call.params
    service = ecs.service(call, params["cluster"], params["service"])
    token = params.get("clientToken")
    again = next((run for run in service["taskSets"] if token and run.get("clientToken") == token), None)
    if again is not None:
        return {"taskSet": view(call, again, with_tags=True)}
    if len(service["taskSets"]) >= LIMIT:
        raise ecs.invalid(f"{LIMIT} deployments exist on the service. Unable to create new TaskSet since this exceeds the maximum limit.")
    definition = ecs.definition(call, params["taskDefinition"])
    source = {**params, "taskDefinition": definition["taskDefinitionArn"]}
    if not params.get("capacityProviderStrategy"):
        source["launchType"] = params.get("launchType") or service.get("launchType") or "FARGATE"
    members = {"status": "ACTIVE", "clientToken": token, "externalId": params.get("externalId", "")}
    run = make(call, service, source, startedBy=ecs.controller(service), **members)
    ecs.set_tags(call, run["taskSetArn"], params.get("tags"))
    scheduler.wake(call, service)
    return {"taskSet": view(call, run, with_tags=True)}


@operation("ecs", "DescribeTaskSets")
def describe_task_sets(call: Call) -> dict[str, Any]:
    service = ecs.service(call, call.params["cluster"], call.params["service"])
    wanted = call.params.get("taskSets")
    answer: dict[str, Any] = {"taskSets": [], "failures": []}
    known = {name: run for run in service["taskSets"] for name in (run["id"], run["taskSetArn"])}
    for name in wanted or [run["id"] for run in service["taskSets"]]:
        if name in known:
            answer["taskSets"].append(view(call, known[name], with_tags=ecs.include(call, "TAGS")))
        else:
            kind = f"task-set/{service['serviceArn'].split('service/', 1)[1]}"
            answer["failures"].append(ecs.missing(call, kind, name))
    return answer


@operation("ecs", "UpdateTaskSet")
def update_task_set(call: Call) -> dict[str, Any]:
    service, run = _find(call)
    run.update({"scale": {**FULL, **call.params["scale"]}, "updatedAt": world.clock.utc()})
    run.update({"computedDesiredCount": scheduler.computed(service, run), "stabilityStatus": "STABILIZING"})
    scheduler.wake(call, service)
    return {"taskSet": view(call, run, with_tags=False)}


@operation("ecs", "UpdateServicePrimaryTaskSet")
def update_service_primary_task_set(call: Call) -> dict[str, Any]:
    """The former PRIMARY becomes ACTIVE; the service shows the new one's task definition, network and load balancers."""
    service, run = _find(call)
    for other in service["taskSets"]:
        if other["status"] == "PRIMARY":
            other["status"] = "ACTIVE"
    run.update({"status": "PRIMARY", "updatedAt": world.clock.utc()})
    follow(service)
    scheduler.wake(call, service)
    return {"taskSet": view(call, run, with_tags=False)}


@operation("ecs", "DeleteTaskSet")
def delete_task_set(call: Call) -> dict[str, Any]:
    """The task set is DRAINING until its tasks are stopped, then it is gone."""
    service, run = _find(call)
    if run["scale"]["value"] > 0 and not call.params.get("force"):
        raise ecs.invalid("The task set cannot be deleted while it is scaled above 0. Scale it down to 0, or use force.")
    run.update({"status": "DRAINING", "updatedAt": world.clock.utc(), "computedDesiredCount": 0})
    scheduler.wake(call, service)
    return {"taskSet": view(call, run, with_tags=False)}
