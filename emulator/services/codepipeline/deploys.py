"""Deploy actions to ECS: CodeDeployToECS by a deployment of CodeDeploy, ECS by an update of the service.

https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECSbluegreen.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-ECS.html
"""

from __future__ import annotations

from typing import Any

from ..iam.authority import Known
from . import actions, artifacts, ecs_files, service_role
from .actions import ActionError
from .service_role import Need
from .shapes import ActionRun

# Seconds from one look at a deployment to the next.
LOOKING = 15.0
PASSED: Known = {"iam:passedtoservice": "ecs-tasks.amazonaws.com"}
REGISTRABLE = (
    *("taskRoleArn", "executionRoleArn", "networkMode", "containerDefinitions", "volumes", "placementConstraints", "cpu", "memory"),
    *("requiresCompatibilities", "pidMode", "ipcMode", "proxyConfiguration", "ephemeralStorage", "runtimePlatform", "enableFaultInjection"),
)


def _register(run: ActionRun, definition: dict[str, Any]) -> str:
    """The ARN of a new task definition, whose roles the action's role hands to ECS."""
    needs: list[Need] = [("ecs:RegisterTaskDefinition", "*", {})]
    if definition.get("tags"):
        made = run.call.arn("ecs", f"task-definition/{definition.get('family', '*')}:*")
        needs.append(("ecs:TagResource", made, {"ecs:createaction": "RegisterTaskDefinition"}))
    roles = [definition[member] for member in ("executionRoleArn", "taskRoleArn") if definition.get(member)]
    needs += [("iam:PassRole", role, PASSED) for role in dict.fromkeys(roles)]
    found = service_role.ask(run, "ecs", "RegisterTaskDefinition", needs, **definition)["taskDefinition"]
    return str(found["taskDefinitionArn"])


@actions.provider(("Deploy", "CodeDeployToECS"))
def blue_green(run: ActionRun) -> None:
    """Register the task definition, start the deployment, and wait for its end: after the old tasks are gone."""
    known, files = run.resolved, artifacts.inputs(run)
    definition = ecs_files.definition(run, files)
    ecs_files.appspec(run, files, "")
    application, group = known["ApplicationName"], known["DeploymentGroupName"]
    about = run.call.arn("codedeploy", f"application:{application}")
    needs: list[Need] = [("codedeploy:GetApplication", about, {})]
    service_role.ask(run, "codedeploy", "GetApplication", needs, applicationName=application)
    content = ecs_files.appspec(run, files, _register(run, definition))
    config = _config(run, application, group)
    needs = [
        ("codedeploy:GetDeploymentConfig", run.call.arn("codedeploy", f"deploymentconfig:{config}"), {}),
        ("codedeploy:RegisterApplicationRevision", about, {}),
        ("codedeploy:GetApplicationRevision", about, {}),
        ("codedeploy:CreateDeployment", run.call.arn("codedeploy", f"deploymentgroup:{application}/{group}"), {}),
    ]
    revision = {"revisionType": "AppSpecContent", "appSpecContent": {"content": content}}
    names = {"applicationName": application, "deploymentGroupName": group}
    made = service_role.ask(run, "codedeploy", "CreateDeployment", needs, **names, revision=revision)["deploymentId"]
    region = run.call.region
    link = f"https://console.aws.amazon.com/codesuite/codedeploy/deployments/{made}?region={region}"
    page = f"https://console.aws.amazon.com/codesuite/codedeploy/applications/{application}/deployment-groups/{group}?region={region}"
    actions.touch(run, external_id=made, external_url=link, entity_url=page)
    actions.later(run, LOOKING, _look)


def _config(run: ActionRun, application: str, group: str) -> str:
    """The configuration of a deployment group, for which nobody is asked."""
    from ..codedeploy import state

    found = state.applications(run.call).get(application, {}).get("groups", {}).get(group, {})
    return str(found.get("deploymentConfigName", "*"))


def _look(run: ActionRun) -> None:
    known = run.resolved
    about = run.call.arn("codedeploy", f"deploymentgroup:{known['ApplicationName']}/{known['DeploymentGroupName']}")
    needs: list[Need] = [("codedeploy:GetDeployment", about, {})]
    info = service_role.ask(run, "codedeploy", "GetDeployment", needs, deploymentId=run.external_id)["deploymentInfo"]
    if info["status"] == "Succeeded":
        actions.succeed(run, summary="Deployment Succeeded")
    elif info["status"] in ("Failed", "Stopped"):
        error = info.get("errorInformation", {})
        text = error.get("message") or f"The deployment {run.external_id} was stopped."
        actions.fail(run, "JobFailed", f"Deployment {run.external_id} {info['status'].lower()}: {text}", summary=text)
    else:
        actions.touch(run, summary=f"Deployment {info['status']}")
        actions.later(run, LOOKING, _look)


@actions.provider(("Deploy", "ECS"))
def standard(run: ActionRun) -> None:
    """New images into a copy of the service's task definition."""
    known = run.resolved
    images = ecs_files.image_definitions(run, artifacts.inputs(run))
    service = _service(run)
    before = service_role.ask(
        run, "ecs", "DescribeTaskDefinition", [("ecs:DescribeTaskDefinition", "*", {})], taskDefinition=service["taskDefinition"]
    )["taskDefinition"]
    missing = sorted(images.keys() - {each["name"] for each in before["containerDefinitions"]})
    if missing:
        text = f"The container(s) {', '.join(missing)} of the image definition file are not in the task definition {before['family']}."
        raise ActionError("ConfigurationError", text)
    containers = [{**each, "image": images.get(each["name"], each["image"])} for each in before["containerDefinitions"]]
    members = {name: before[name] for name in REGISTRABLE if name in before}
    made = _register(run, {**members, "family": before["family"], "containerDefinitions": containers})
    about = run.call.arn("ecs", f"service/{known['ClusterName']}/{known['ServiceName']}")
    needs: list[Need] = [("ecs:UpdateService", about, {})]
    names = {"cluster": known["ClusterName"], "service": known["ServiceName"]}
    found = service_role.ask(run, "ecs", "UpdateService", needs, **names, taskDefinition=made)["service"]
    primary = next(each for each in found["deployments"] if each["status"] == "PRIMARY")
    actions.touch(run, external_id=primary["id"], summary=f"Deploying {made}")
    minutes = known.get("DeploymentTimeout", "60")
    actions.later(run, float(minutes) * 60, _timed_out)
    actions.later(run, LOOKING, _rolled)


def _service(run: ActionRun) -> dict[str, Any]:
    cluster, name = run.resolved["ClusterName"], run.resolved["ServiceName"]
    needs: list[Need] = [("ecs:DescribeServices", run.call.arn("ecs", f"service/{cluster}/{name}"), {})]
    found = service_role.ask(run, "ecs", "DescribeServices", needs, cluster=cluster, services=[name])["services"]
    active: list[dict[str, Any]] = [each for each in found if each["status"] == "ACTIVE"]
    if not active:
        raise ActionError("ConfigurationError", f"The Amazon ECS service '{name}' does not exist.")
    return active[0]


def _rolled(run: ActionRun) -> None:
    deployments = {each["id"]: each for each in _service(run)["deployments"]}
    own = deployments.get(run.external_id)
    if own is None or own.get("rolloutState") == "FAILED":
        actions.fail(run, "JobFailed", (own or {}).get("rolloutStateReason", f"The deployment {run.external_id} was replaced."))
    elif own.get("rolloutState") == "COMPLETED" or (len(deployments) == 1 and own["runningCount"] >= own["desiredCount"]):
        actions.succeed(run, summary="Deployment Succeeded")
    else:
        actions.later(run, LOOKING, _rolled)


def _timed_out(run: ActionRun) -> None:
    actions.fail(run, "JobFailed", "The deployment did not complete within its DeploymentTimeout.")
