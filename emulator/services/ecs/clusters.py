"""ECS clusters, their capacity providers, and the account's settings.

https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html
"""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import state as ecs
from .shapes import Cluster

SETTINGS = {
    "awsvpcTrunking": "disabled",
    "containerInsights": "disabled",
    "containerInstanceLongArnFormat": "enabled",
    "defaultLogDriverMode": "non-blocking",
    "fargateEventWindows": "disabled",
    "fargateFIPSMode": "disabled",
    "fargateTaskRetirementWaitPeriod": "7",
    "guardDutyActivate": "off",
    "serviceLongArnFormat": "enabled",
    "tagResourceAuthorization": "on",
    "taskLongArnFormat": "enabled",
}
MANAGED = ("FARGATE", "FARGATE_SPOT")


def _linked_role(call: Call) -> None:
    """The first cluster of an account makes ECS's service-linked role."""
    try:
        world.aws(call, "iam", "CreateServiceLinkedRole", AWSServiceName="ecs.amazonaws.com")
    except Refusal:
        return


def _view(call: Call, found: Cluster) -> dict[str, Any]:
    name = found["clusterName"]
    tasks = ecs.live_tasks(call, name)
    services = [service for service in ecs.services_in(call, name) if service["status"] == "ACTIVE"]
    running = sum(task["lastStatus"] == "RUNNING" for task in tasks)
    counts = {
        "registeredContainerInstancesCount": 0,
        "runningTasksCount": running,
        "pendingTasksCount": sum(task["lastStatus"] in ("PROVISIONING", "PENDING", "ACTIVATING") for task in tasks),
        "activeServicesCount": len(services),
    }
    return {**found, **counts, "statistics": [], "tags": [], "settings": []}


def _full_view(call: Call, found: Cluster) -> dict[str, Any]:
    """What DescribeClusters says: some members come only when `include` names them."""
    view = _view(call, found)
    if ecs.include(call, "SETTINGS"):
        view["settings"] = found["settings"]
    if ecs.include(call, "TAGS"):
        view["tags"] = ecs.tags(call, found["clusterArn"])
    if not ecs.include(call, "CONFIGURATIONS"):
        view.pop("configuration", None)
    if ecs.include(call, "STATISTICS"):
        view["statistics"] = _statistics(call, found["clusterName"])
    return view


def _statistics(call: Call, name: str) -> list[dict[str, str]]:
    tasks = ecs.live_tasks(call, name)
    running = sum(task["lastStatus"] == "RUNNING" for task in tasks)
    services = ecs.services_in(call, name)
    counts = {
        "runningFargateTasksCount": running,
        "pendingFargateTasksCount": len(tasks) - running,
        "activeFargateServiceCount": sum(service["status"] == "ACTIVE" for service in services),
        "drainingFargateServiceCount": sum(service["status"] == "DRAINING" for service in services),
    }
    empty = ("runningEC2TasksCount", "pendingEC2TasksCount", "activeEC2ServiceCount", "drainingEC2ServiceCount")
    return [{"name": key, "value": str(value)} for key, value in [*((key, 0) for key in empty), *counts.items()]]


def _all_settings(call: Call, wanted: list[dict[str, str]] | None) -> list[dict[str, str]]:
    insights = ecs.table(call, "settings").get("containerInsights", SETTINGS["containerInsights"])
    chosen = {"containerInsights": insights, **{item["name"]: item["value"] for item in wanted or []}}
    return [{"name": name, "value": value} for name, value in chosen.items()]


def _strategy(wanted: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    return [{"base": 0, "weight": 0, **item} for item in wanted or []]


def _differs(found: Cluster, params: dict[str, Any]) -> bool:
    """Whether what CreateCluster gives is not what the cluster has; what it leaves out is kept."""
    has = {item["name"]: item["value"] for item in found["settings"]}
    wanted = {
        "settings": any(has.get(item["name"]) != item["value"] for item in params.get("settings", [])),
        "capacityProviders": sorted(params.get("capacityProviders", [])) != sorted(found["capacityProviders"]),
        "defaultCapacityProviderStrategy": _strategy(params.get("defaultCapacityProviderStrategy"))
        != found["defaultCapacityProviderStrategy"],
        "configuration": params.get("configuration") != found.get("configuration"),
    }
    return any(differs for member, differs in wanted.items() if params.get(member))


@operation("ecs", "CreateCluster")
def create_cluster(call: Call) -> dict[str, Any]:
    """Creating a cluster that is ACTIVE answers with it, unchanged; other settings, providers or configuration are refused."""
    params = call.params
    name = params.get("clusterName", "default")
    found = ecs.find_cluster(call, name)
    if found is not None and found["status"] == "ACTIVE" and _differs(found, params):
        raise ecs.invalid("Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
    if found is None or found["status"] == "INACTIVE":
        _linked_role(call)
        found = {
            "clusterArn": call.arn("ecs", f"cluster/{name}"),
            "clusterName": name,
            "status": "ACTIVE",
            "settings": _all_settings(call, params.get("settings")),
            "capacityProviders": list(params.get("capacityProviders", [])),
            "defaultCapacityProviderStrategy": _strategy(params.get("defaultCapacityProviderStrategy")),
        }
        for member in ("configuration", "serviceConnectDefaults"):
            if params.get(member):
                found[member] = params[member]
        ecs.table(call, "clusters")[name] = found
        ecs.set_tags(call, found["clusterArn"], params.get("tags"))
    view = _view(call, found)
    view.update(settings=found["settings"], tags=ecs.tags(call, found["clusterArn"]))
    return {"cluster": view}


@operation("ecs", "DescribeClusters")
def describe_clusters(call: Call) -> dict[str, Any]:
    answer: dict[str, Any] = {"clusters": [], "failures": []}
    for name in call.params.get("clusters") or ["default"]:
        found = ecs.find_cluster(call, name)
        if found is None:
            answer["failures"].append(ecs.missing(call, "cluster", name))
        else:
            answer["clusters"].append(_full_view(call, found))
    return answer


@operation("ecs", "ListClusters")
def list_clusters(call: Call) -> dict[str, Any]:
    arns = [found["clusterArn"] for found in ecs.table(call, "clusters").values() if found["status"] != "INACTIVE"]
    items, more = ecs.page(call, arns)
    return {"clusterArns": items, **more}


@operation("ecs", "DeleteCluster")
def delete_cluster(call: Call) -> dict[str, Any]:
    """A deleted cluster stays describable as INACTIVE."""
    found = ecs.cluster(call, call.params["cluster"])
    found["status"] = "INACTIVE"
    ecs.table(call, "tags").pop(found["clusterArn"], None)
    return {"cluster": _view(call, found)}


@operation("ecs", "UpdateCluster", "UpdateClusterSettings")
def update_cluster(call: Call) -> dict[str, Any]:
    found = ecs.cluster(call, call.params["cluster"])
    settings = {item["name"]: item["value"] for item in found["settings"]}
    settings.update({item["name"]: item["value"] for item in call.params.get("settings", [])})
    found["settings"] = [{"name": name, "value": value} for name, value in settings.items()]
    for member in ("configuration", "serviceConnectDefaults"):
        if call.params.get(member):
            found[member] = call.params[member]
    view = _view(call, found)
    view.update(settings=found["settings"], tags=ecs.tags(call, found["clusterArn"]))
    return {"cluster": view}


@operation("ecs", "PutClusterCapacityProviders")
def put_cluster_capacity_providers(call: Call) -> dict[str, Any]:
    found = ecs.cluster(call, call.params["cluster"])
    found["capacityProviders"] = list(call.params["capacityProviders"])
    found["defaultCapacityProviderStrategy"] = _strategy(call.params["defaultCapacityProviderStrategy"])
    view = _view(call, found)
    view.update(settings=found["settings"], tags=ecs.tags(call, found["clusterArn"]))
    return {"cluster": view}


@operation("ecs", "DescribeCapacityProviders")
def describe_capacity_providers(call: Call) -> dict[str, Any]:
    """Fargate's two; others would need Auto Scaling groups of EC2, which this emulator does not have."""
    wanted = [ecs.last(name) for name in call.params.get("capacityProviders") or MANAGED]
    providers = [
        {"capacityProviderArn": call.arn("ecs", f"capacity-provider/{name}"), "name": name, "status": "ACTIVE", "type": name, "tags": []}
        for name in wanted
        if name in MANAGED
    ]
    failures = [ecs.missing(call, "capacity-provider", name) for name in wanted if name not in MANAGED]
    return {"capacityProviders": providers, "failures": failures}


@operation("ecs", "ListContainerInstances")
def list_container_instances(call: Call) -> dict[str, Any]:
    """Fargate has none."""
    ecs.cluster(call, call.params.get("cluster"))
    return {"containerInstanceArns": []}


@operation("ecs", "DescribeContainerInstances")
def describe_container_instances(call: Call) -> dict[str, Any]:
    found = ecs.cluster(call, call.params.get("cluster"))
    kind = f"container-instance/{found['clusterName']}"
    return {"containerInstances": [], "failures": [ecs.missing(call, kind, name) for name in call.params["containerInstances"]]}


def effective(call: Call, name: str) -> str:
    """An account setting's value: what the account has set, else the default."""
    return str(ecs.table(call, "settings").get(name, SETTINGS[name]))


@operation("ecs", "PutAccountSetting", "PutAccountSettingDefault")
def put_account_setting(call: Call) -> dict[str, Any]:
    name, value = call.params["name"], call.params["value"]
    ecs.table(call, "settings")[name] = value
    return {"setting": _setting(call, name, value)}


def _setting(call: Call, name: str, value: str) -> dict[str, str]:
    principal = call.params.get("principalArn", call.arn("iam", "root", regional=False))
    return {"name": name, "value": value, "principalArn": principal, "type": "user"}


@operation("ecs", "DeleteAccountSetting")
def delete_account_setting(call: Call) -> dict[str, Any]:
    value = ecs.table(call, "settings").pop(call.params["name"], "")
    return {"setting": _setting(call, call.params["name"], value)}


@operation("ecs", "ListAccountSettings")
def list_account_settings(call: Call) -> dict[str, Any]:
    """What the account has set; with effectiveSettings also the defaults."""
    chosen = ecs.table(call, "settings")
    values = {**SETTINGS, **chosen} if call.params.get("effectiveSettings") else dict(chosen)
    wanted = [
        _setting(call, name, value)
        for name, value in sorted(values.items())
        if call.params.get("name") in (None, name) and call.params.get("value") in (None, value)
    ]
    items, more = ecs.page(call, wanted, 10, 10)
    return {"settings": items, **more}
