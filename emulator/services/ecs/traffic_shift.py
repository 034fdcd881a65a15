"""Blue/green, linear and canary deployments of ECS itself: stages, hooks and the shift of traffic.

https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html
"""

from __future__ import annotations

import copy
from datetime import timedelta
from typing import Any

from ... import world
from ...wire import Call, Refusal
from ..elbv2 import store as elbv2_store
from . import desired_tasks, infrastructure
from . import state as ecs
from .shapes import Run, Service

STRATEGIES = ("BLUE_GREEN", "LINEAR", "CANARY")
STAGES = (
    "RECONCILE_SERVICE",
    "PRE_SCALE_UP",
    "SCALE_UP",
    "POST_SCALE_UP",
    "TEST_TRAFFIC_SHIFT",
    "POST_TEST_TRAFFIC_SHIFT",
    "PRE_PRODUCTION_TRAFFIC_SHIFT",
    "PRODUCTION_TRAFFIC_SHIFT",
    "POST_PRODUCTION_TRAFFIC_SHIFT",
    "BAKE_TIME",
    "CLEAN_UP",
)
# Stages in which the scheduler has long to wait, and how many seconds of AWS's time it looks away.
SLOW, LULL = ("PRODUCTION_TRAFFIC_SHIFT", "BAKE_TIME", "POST_TEST_TRAFFIC_SHIFT", "POST_SCALE_UP"), 20.0
# The same for one that cannot go on.
TROUBLED = 60.0
# A stage of hooks only; the record keeps showing the stage before it.
UNSHOWN = "PRE_PRODUCTION_TRAFFIC_SHIFT"
UNWIRED = (
    "Service deployment rolled back because of invalid networking configuration. Both targetGroup and alternateTargetGroup must be "
    "associated with the productionListenerRule or testListenerRule."
)


def shifts(service: Service) -> bool:
    return service["deploymentConfiguration"].get("strategy") in STRATEGIES


def resolve(service: Service, run: Run, source: Run | None) -> None:
    """The run registers its tasks in the target group that the source does not use."""
    run["loadBalancers"] = copy.deepcopy(service["loadBalancers"])
    used = {item["targetGroupArn"] for item in (source or {}).get("loadBalancers", []) if "targetGroupArn" in item}
    for item in run["loadBalancers"]:
        other = item.get("advancedConfiguration", {}).get("alternateTargetGroupArn")
        if other and item["targetGroupArn"] in used:
            item["targetGroupArn"] = other


def enter(run: Run, stage: str) -> None:
    """Come to a stage; its pauses wait for somebody."""
    record = run["record"]
    run["stage"], run["since"] = stage, world.clock.now()
    if stage != UNSHOWN:
        record["lifecycleStage"] = stage
    record["updatedAt"] = world.clock.utc()
    hooks = [hook for hook in record["deploymentConfiguration"].get("lifecycleHooks", []) if stage in hook.get("lifecycleStages", [])]
    record["lifecycleHookDetails"] = [_hook(hook) for hook in hooks]


def _hook(hook: dict[str, Any]) -> dict[str, Any]:
    """A Lambda function is not run here: it is taken to have succeeded."""
    if hook.get("targetType") != "PAUSE":
        return {"hookId": ecs.new_id(), "targetType": "AWS_LAMBDA", "targetArn": hook["hookTargetArn"], "status": "SUCCEEDED"}
    wait = hook.get("timeoutConfiguration", {})
    expires = world.clock.utc() + timedelta(minutes=wait.get("timeoutInMinutes", 1440) / world.clock.speed)
    action = wait.get("action", "ROLLBACK")
    return {"hookId": ecs.new_id(), "targetType": "PAUSE", "status": "AWAITING_ACTION", "expiresAt": expires, "timeoutAction": action}


def paused(run: Run) -> bool:
    """Whether the stage still waits; a pause that is over acts as it was told."""
    for detail in run["record"].get("lifecycleHookDetails", []):
        if detail["status"] != "AWAITING_ACTION":
            continue
        if detail["expiresAt"] > world.clock.utc():
            return True
        detail["status"] = "TIMED_OUT"
        if detail["timeoutAction"] == "ROLLBACK":
            run["undo"] = "Service deployment rolled back because a lifecycle hook timed out."
            return True
    return False


def progress(call: Call, service: Service, run: Run, good: int) -> bool:
    """Do what the stage does; True when it is done."""
    settings, held = run["record"]["deploymentConfiguration"], (world.clock.now() - run["since"]) * world.clock.speed
    match run["stage"]:
        case "RECONCILE_SERVICE":
            if problem := _unready(call, run):
                run["undo"] = problem
                return False
        case "SCALE_UP":
            return bool(good == service["desiredCount"] == run["runningCount"])
        case "TEST_TRAFFIC_SHIFT" | "PRODUCTION_TRAFFIC_SHIFT" if problem := infrastructure.unmoved(call, run):
            run["undo"] = problem
            return False
        case "TEST_TRAFFIC_SHIFT":
            _send(call, service, run, "testListenerRule", 100.0)
            run["test"] = 100.0
        case "PRODUCTION_TRAFFIC_SHIFT":
            return _shift(call, service, run, settings, held)
        case "BAKE_TIME":
            return bool(held >= settings.get("bakeTimeInMinutes", 0) * 60)
    return True


def _shift(call: Call, service: Service, run: Run, settings: dict[str, Any], held: float) -> bool:
    """How much traffic goes to the new revision after `held` seconds; True when it is all of it."""
    percent = 100.0
    if settings["strategy"] == "CANARY":
        canary = settings.get("canaryConfiguration", {})
        if held < canary.get("canaryBakeTimeInMinutes", 10) * 60:
            percent = canary.get("canaryPercent", 5.0)
    elif settings["strategy"] == "LINEAR":
        linear = settings.get("linearConfiguration", {})
        steps = 1 + int(held // max(linear.get("stepBakeTimeInMinutes", 6) * 60, 1))
        percent = min(100.0, steps * linear.get("stepPercent", 10.0))
    if not run["record"]["sourceServiceRevisions"]:
        percent = 100.0
    if run.get("weight") != percent:
        send(call, service, run, percent)
    return percent == 100.0


def send(call: Call, service: Service, run: Run, percent: float) -> None:
    """Give a run this share of production traffic; its source has the rest."""
    _send(call, service, run, "productionListenerRule", percent)
    run["weight"] = percent
    for source in run["record"]["sourceServiceRevisions"]:
        source["weight"] = 100.0 - percent


def _send(call: Call, service: Service, run: Run, member: str, percent: float) -> None:
    for declared, used in zip(service["loadBalancers"], run["loadBalancers"], strict=True):
        extra = declared.get("advancedConfiguration", {})
        if not extra.get(member):
            continue
        pair = {declared["targetGroupArn"], extra["alternateTargetGroupArn"]}
        (other,) = pair - {used["targetGroupArn"]}
        _forward(call, extra[member], {used["targetGroupArn"]: round(percent), other: 100 - round(percent)})


def _forward(call: Call, arn: str, weights: dict[str, int]) -> None:
    groups = [{"TargetGroupArn": key, "Weight": value} for key, value in weights.items()]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": groups}}
    if ":listener/" in arn:
        world.aws(call, "elbv2", "ModifyListener", ListenerArn=arn, DefaultActions=[action])
        return
    found = world.aws(call, "elbv2", "DescribeRules", RuleArns=[arn])["Rules"][0]
    kept = [each for each in found["Actions"] if each["Type"] != "forward"]
    actions: list[Any] = [*kept, {**action, "Order": len(kept) + 1}]
    if found["IsDefault"]:
        _, owner = elbv2_store.rule(call, arn)
        world.aws(call, "elbv2", "ModifyListener", ListenerArn=owner.arn, DefaultActions=actions)
    else:
        world.aws(call, "elbv2", "ModifyRule", RuleArn=arn, Actions=actions)


def _unready(call: Call, run: Run) -> str:
    """Why ECS cannot move traffic: it must be able to assume the role that changes the rules (ECS-N3)."""
    return infrastructure.unusable(call, run["loadBalancers"]) or ("" if _wired(call, run) else UNWIRED)


def _wired(call: Call, run: Run) -> bool:
    """Both target groups must be behind the production or the test rule (ECS-N2)."""
    for item in run["loadBalancers"]:
        extra = item.get("advancedConfiguration", {})
        if not extra:
            continue
        behind: set[str] = set()
        for arn in filter(None, (extra.get("productionListenerRule"), extra.get("testListenerRule"))):
            behind |= _groups(call, arn)
        asked = next(each for each in run["record"]["service"]["loadBalancers"] if each["containerName"] == item["containerName"])
        if not {asked["targetGroupArn"], extra["alternateTargetGroupArn"]} <= behind:
            return False
    return True


def _groups(call: Call, arn: str) -> set[str]:
    try:
        if ":listener/" in arn:
            actions = world.aws(call, "elbv2", "DescribeListeners", ListenerArns=[arn])["Listeners"][0]["DefaultActions"]
        else:
            actions = world.aws(call, "elbv2", "DescribeRules", RuleArns=[arn])["Rules"][0]["Actions"]
    except Refusal:
        return set()
    return set(elbv2_store.groups_of(actions))


def step(call: Call, service: Service, run: Run, older: list[Run]) -> bool:
    """One pass over a deployment that shifts traffic; True when its last stage is done."""
    sources, desired = run["record"]["sourceServiceRevisions"], service["desiredCount"]
    for other in older:
        source = any(other is each for each in sources) and run["stage"] != "CLEAN_UP"
        other["desiredCount"] = desired if source else 0
        desired_tasks.adjust(call, service, other, other["desiredCount"])
    if STAGES.index(run["stage"]) >= STAGES.index("SCALE_UP"):
        desired_tasks.adjust(call, service, run, desired)
    for each in service["deployments"]:
        desired_tasks.count(call, each)
    if run["stage"] != STAGES[0] and (denied := infrastructure.unseen(call, run["loadBalancers"])):
        desired_tasks.event(service, denied)
        service["lull"] = TROUBLED
        return False
    groups = desired_tasks.targets(call, run)
    good = sum(desired_tasks.healthy(task, groups) for task in desired_tasks.wanted_tasks(call, run))
    if paused(run) or not progress(call, service, run, good):
        service["lull"] = LULL if run["stage"] in SLOW else 0.0
        return False
    if run["stage"] == STAGES[-1]:
        return not any(ecs.tasks_of(call, other["id"]) for other in older)
    enter(run, STAGES[STAGES.index(run["stage"]) + 1])
    return False
