"""How a deployment on ECS goes on in time: one lifecycle event after another, waits, hooks and alarms.

https://docs.aws.amazon.com/codedeploy/latest/userguide/deployment-steps-ecs.html#deployment-steps-what-happens
"""

from __future__ import annotations

import base64

from moto.awslambda.exceptions import LambdaClientError

from ... import world
from . import appspec, revisions, service_role, state, traffic
from . import deployment as deploying
from . import install as installing
from .deployment import Deployment, DeploymentError
from .steps import STEP, ecs, fail, finish, guarded, later
from .traffic import TrafficError

# Seconds between two looks at the alarms, and until a hook's function must have called back.
ALARMS = 15.0
HOOK = 3600.0
NO_CALLBACK = (
    "The deployment timed out while waiting for a status callback. "
    "CodeDeploy expects a status callback within one hour after a deployment hook is invoked."
)
HOOK_FAILED = "The deployment failed because one or more of the lifecycle event validation functions failed."


def start(deployment: Deployment) -> None:
    """Check everything that can be checked before something is changed, then begin."""
    if raised := alarms(deployment):
        fail(deployment, "ALARM_ACTIVE", _alarm_text(raised))
        return
    _prepare(deployment)
    _watch(deployment)
    next_event(deployment)


def _prepare(deployment: Deployment) -> None:
    """Read the revision and find what it touches, before anything is changed."""
    service_role.require_readable(deployment)
    try:
        deployment.spec = appspec.read(revisions.content(deployment.call, deployment.info["revision"]))
    except appspec.AppSpecError as error:
        raise DeploymentError("INVALID_REVISION", str(error)) from None
    service = installing.live_service(deployment)
    primary = next((item for item in service.get("taskSets", []) if item["status"] == "PRIMARY"), None)
    if primary is None or not primary.get("loadBalancers"):
        raise DeploymentError("INVALID_ECS_SERVICE", "The ECS service has no primary task set behind a load balancer.")
    deployment.blue = primary["id"]
    service_role.require_elb(deployment, "DescribeTargetGroups", "DescribeListeners", "DescribeRules")
    deployment.pair = traffic.pair(deployment.call, deployment.group, primary["loadBalancers"][0]["targetGroupArn"])
    try:
        traffic.check(deployment.call, deployment.pair)
    except TrafficError as error:
        raise DeploymentError("INVALID_ECS_SERVICE", str(error)) from None


def alarms(deployment: Deployment) -> list[str]:
    """Names of the deployment's alarms that are in state ALARM."""
    given = deployment.info.get("overrideAlarmConfiguration") or deployment.group.get("alarmConfiguration", {})
    names = [alarm["name"] for alarm in given.get("alarms", [])] if given.get("enabled") else []
    if not names:
        return []
    for name in names:
        service_role.require(deployment, "cloudwatch:DescribeAlarms", deployment.call.arn("cloudwatch", f"alarm:{name}"))
    found = world.aws(deployment.call, "cloudwatch", "DescribeAlarms", AlarmNames=names, AlarmTypes=["MetricAlarm", "CompositeAlarm"])
    both = found.get("MetricAlarms", []) + found.get("CompositeAlarms", [])
    return [alarm["AlarmName"] for alarm in both if alarm["StateValue"] == "ALARM"]


def _alarm_text(names: list[str]) -> str:
    return (
        "One or more alarms have been activated according to the Amazon CloudWatch metrics you selected, "
        f"and the affected deployments have been stopped. Activated alarms: <{', '.join(names)}>"
    )


def _watch(deployment: Deployment) -> None:
    """Look at the alarms again and again until the deployment has ended."""
    if not (deployment.info.get("overrideAlarmConfiguration") or deployment.group.get("alarmConfiguration", {})).get("enabled"):
        return

    world.clock.after(ALARMS, lambda: guarded(_look)(deployment))


def _look(deployment: Deployment) -> None:
    if deployment.ended:
        return
    if raised := alarms(deployment):
        fail(deployment, "ALARM_ACTIVE", _alarm_text(raised), status="Stopped")
    else:
        world.clock.after(ALARMS, lambda: guarded(_look)(deployment))


def next_event(deployment: Deployment) -> None:
    """Begin the next lifecycle event: a function's, CodeDeploy's own work, or nothing at all."""
    event = next((item for item in deployment.events if item["status"] == "Pending"), None)
    if event is None:
        terminate(deployment)
        return
    name = event["lifecycleEventName"]
    if name == "BeforeAllowTraffic" and deployment.waiting != "passed" and _ready_wait(deployment):
        return
    deploying.begin(deployment, event)
    function = deployment.spec.hooks.get(name) if deployment.spec else None
    if function:
        _hook(deployment, name, function)
    elif name in installing.WORK:
        later(deployment, STEP, lambda deployment: installing.WORK[name](deployment, done))
    else:
        later(deployment, STEP, done)


def done(deployment: Deployment) -> None:
    """The event that is in progress has succeeded."""
    for event in deployment.events:
        if event["status"] == "InProgress":
            deploying.end(deployment, event, "Succeeded")
    next_event(deployment)


def _ready_wait(deployment: Deployment) -> bool:
    """Under STOP_DEPLOYMENT, wait for somebody to continue, and stop when nobody does (CD-25)."""
    if deployment.option("deploymentReadyOption", "actionOnTimeout") != "STOP_DEPLOYMENT":
        return False
    minutes = deployment.option("deploymentReadyOption", "waitTimeInMinutes") or 0
    deploying.set_status(deployment, "Ready", "Ready")
    deployment.waiting = "READY_WAIT"
    text = f"The deployment timed out while waiting for a notification to continue. This time out period is {minutes} minutes."
    later(deployment, minutes * 60.0, lambda deployment: fail(deployment, "TIMEOUT", text, status="Stopped"), lived=True)
    return True


def go_on(deployment: Deployment) -> None:
    """Somebody continues: end the ready wait or the termination wait now."""
    deployment.turn += 1
    if deployment.waiting == "TERMINATION_WAIT":
        guarded(succeed)(deployment)
        return
    deployment.waiting = "passed"
    deploying.set_status(deployment, "InProgress", "InProgress")
    guarded(next_event)(deployment)


def execution_id(deployment_id: str, event: str) -> str:
    """The id that CodeDeploy hands to a hook's function: no one else is told, so tests compute it."""
    return base64.urlsafe_b64encode(f"{deployment_id}/{event}".encode()).decode()


def _hook(deployment: Deployment, event: str, function: str) -> None:
    try:
        world.backend("lambda", deployment.call).get_function(function)
    except LambdaClientError:
        raise DeploymentError("HOOK_EXECUTION_FAILURE", f"{HOOK_FAILED} {event}: the function {function} does not exist.") from None
    service_role.require(deployment, "lambda:InvokeFunction", deployment.call.arn("lambda", f"function:{function.rsplit(':', 1)[-1]}"))
    deployment.hook = execution_id(deployment.id, event)
    later(deployment, HOOK, lambda deployment: fail(deployment, "HOOK_EXECUTION_FAILURE", NO_CALLBACK))


def called_back(deployment: Deployment, status: str) -> None:
    """A hook's function has said how it went."""
    deployment.turn += 1
    deployment.hook = ""
    if status == "Succeeded":
        guarded(done)(deployment)
    else:
        fail(deployment, "HOOK_EXECUTION_FAILURE", HOOK_FAILED, diagnostic="ScriptFailed")


def terminate(deployment: Deployment) -> None:
    """Keep the original task set for a while; only then has the deployment succeeded (CD-28)."""
    if deployment.option("terminateBlueInstancesOnDeploymentSuccess", "action") == "KEEP_ALIVE":
        finish(deployment, "Succeeded")
        return
    minutes = deployment.option("terminateBlueInstancesOnDeploymentSuccess", "terminationWaitTimeInMinutes") or 0
    deployment.info["instanceTerminationWaitTimeStarted"], status, target = state.keeps_old()
    deploying.set_status(deployment, status, target)
    deployment.waiting = "TERMINATION_WAIT"
    later(deployment, minutes * 60.0, succeed)


def succeed(deployment: Deployment) -> None:
    ecs(deployment, "DeleteTaskSet", taskSet=deployment.blue, force=True)
    finish(deployment, "Succeeded")
