"""Builds of projects: StartBuild, RetryBuild, StopBuild, and what pipelines start.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_StartBuild.html
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import builds, events, projects, sources, store
from .build import Request, Source, described
from .builds import Build
from .store import Shape

# Members of StartBuild that replace one of the project's whole.
WHOLE = {
    "secondarySourcesOverride": "secondarySources",
    "secondarySourcesVersionOverride": "secondarySourceVersions",
    "secondaryArtifactsOverride": "secondaryArtifacts",
    "cacheOverride": "cache",
    "timeoutInMinutesOverride": "timeoutInMinutes",
    "queuedTimeoutInMinutesOverride": "queuedTimeoutInMinutes",
    "autoRetryLimitOverride": "autoRetryLimit",
}
# Those that replace a member of the source, or of the environment.
SOURCE = {
    "sourceLocationOverride": "location",
    "sourceAuthOverride": "auth",
    "gitCloneDepthOverride": "gitCloneDepth",
    "gitSubmodulesConfigOverride": "gitSubmodulesConfig",
    "buildspecOverride": "buildspec",
    "insecureSslOverride": "insecureSsl",
    "reportBuildStatusOverride": "reportBuildStatus",
    "buildStatusConfigOverride": "buildStatusConfig",
}
ENVIRONMENT = {
    "environmentTypeOverride": "type",
    "imageOverride": "image",
    "computeTypeOverride": "computeType",
    "certificateOverride": "certificate",
    "privilegedModeOverride": "privilegedMode",
    "registryCredentialOverride": "registryCredential",
    "imagePullCredentialsTypeOverride": "imagePullCredentialsType",
    "fleetOverride": "fleet",
    "hostKernelOverride": "hostKernel",
}
# Idempotency tokens hold for five minutes.
TOKEN_SECONDS = 300
AT_ONCE = 60
# Who starts a build that no pipeline starts: keys of administrators are those of the account itself.
INITIATOR = "root"


def overridden(call: Call, project: Shape, given: Shape) -> Shape:
    """The project as a build has it."""
    said = {name: value for name, value in given.items() if value is not None}
    made = {**project, **{name: said[key] for key, name in WHOLE.items() if key in said}}
    kind = said.get("sourceTypeOverride", project["source"]["type"])
    source = dict(project["source"]) if kind == project["source"]["type"] else {"buildspec": project["source"].get("buildspec")}
    source |= {name: said[key] for key, name in SOURCE.items() if key in said}
    made["source"] = projects.source({name: value for name, value in {**source, "type": kind}.items() if value is not None})
    environment = {**project["environment"], **{name: said[key] for key, name in ENVIRONMENT.items() if key in said}}
    variables = {variable["name"]: variable for variable in environment.get("environmentVariables", [])}
    variables |= {each["name"]: {"type": "PLAINTEXT", **each} for each in said.get("environmentVariablesOverride", [])}
    made["environment"] = {**environment, "environmentVariables": list(variables.values())}
    if "artifactsOverride" in said:
        made["artifacts"] = projects.artifacts(said["artifactsOverride"], project["name"])
    if "logsConfigOverride" in said:
        made["logsConfig"] = projects.logs_config(said["logsConfigOverride"])
    if "serviceRoleOverride" in said:
        made["serviceRole"] = projects.role_arn(call, said["serviceRoleOverride"])
    if "encryptionKeyOverride" in said:
        made["encryptionKey"] = projects.key_arn(call, said["encryptionKeyOverride"])
    made["sourceVersion"] = said.get("sourceVersion", project.get("sourceVersion", ""))
    return made


def _buildspec(source: Shape) -> Shape:
    """Where the specification is: `buildspec` is its text, `at` the path of a file in the source."""
    said = source.get("buildspec") or "buildspec.yml"
    if "\n" in said or not said.endswith((".yml", ".yaml")):
        return {"buildspec": said}
    return {"at": said}


def request(call: Call, project: Shape, initiator: str, inputs: Source, outputs: Sequence[str] | None) -> Request:
    """What the runner is told of a project's build. It does not know the build's id, which only the log has."""
    logs = project.get("logsConfig", {}).get("cloudWatchLogs", {"status": "ENABLED"})
    group = logs.get("groupName") or f"/aws/codebuild/{project['name']}"
    shown = {name: project[name] for name in SHOWN if project.get(name) is not None}
    shown["source"] = project["source"]
    return Request(
        role=project["serviceRole"],
        project=project["name"],
        variables=project["environment"]["environmentVariables"],
        fetch=sources.fetcher(project["source"], project["sourceVersion"]),
        inputs=inputs.inputs,
        version=inputs.version,
        outputs=outputs if project["source"]["type"] == "CODEPIPELINE" else None,
        group=group if logs["status"] == "ENABLED" else "",
        prefix=logs.get("streamName", ""),
        minutes=project["timeoutInMinutes"],
        queued_minutes=project["queuedTimeoutInMinutes"],
        privileged=bool(project["environment"].get("privilegedMode") or project["environment"].get("dockerServer")),
        initiator=initiator,
        shown={**shown, "logs": projects.logs_config(project.get("logsConfig", {}))},
        **_buildspec(project["source"]),
    )


SHOWN = (
    "sourceVersion",
    "secondarySources",
    "secondarySourceVersions",
    "cache",
    "environment",
    "vpcConfig",
    "encryptionKey",
    "fileSystemLocations",
)


def of_project(call: Call, name: str, overrides: Shape, initiator: str, inputs: Source | None = None, outputs: Sequence[str] = ()) -> Build:
    """Start a build of a project, which is among the account's from now on. A pipeline gives its artifacts by their names, and wants
    others. `overrides`: members of StartBuild. Raises Refusal.
    """
    kept = store.project(call, name)
    project = overridden(call, kept, overrides)
    limit = project.get("concurrentBuildLimit")
    running = [each for each in store.builds(call).values() if each.request.project == project["name"] and not each.over]
    if limit is not None and len(running) >= limit:
        raise Refusal("AccountLimitExceededException", f"Cannot have more than {limit} builds in queue for the project {project['name']}")
    if len([each for each in store.builds(call).values() if not each.over]) >= AT_ONCE:
        raise Refusal("AccountLimitExceededException", f"Cannot have more than {AT_ONCE} builds in queue for the account")
    numbers = store.table(call, "numbers")
    numbers[project["name"]] = numbers.get(project["name"], 0) + 1
    made = builds.prepare(call, request(call, project, initiator, inputs or Source(), outputs), numbers[project["name"]])
    made.places = [project["artifacts"], *project.get("secondaryArtifacts", [])]
    made.upload = sources.uploader(made.places, made.id)
    if overrides.get("debugSessionEnabled"):
        made.debug = {"sessionEnabled": True}
    return _begun(call, made)


def _begun(call: Call, made: Build) -> Build:
    """A build that is among the account's, of which events tell."""
    store.builds(call)[made.id] = made
    made.watch = events.of_phase
    made.begin()
    events.of_state(made)
    made.then(events.of_state)
    return made


def shown(build: Build) -> Shape:
    """AWS's Build, with its artifacts."""
    places = build.places
    artifacts = [sources.described(each, build.id, build.outputs) for each in places]
    more: Shape = {"artifacts": artifacts[0]} if artifacts else {}
    if artifacts[1:]:
        more["secondaryArtifacts"] = artifacts[1:]
    return {**described(build), **more}


@operation("codebuild", "StartBuild")
def start_build(call: Call) -> Shape:
    """The same token again, within five minutes, is the same build."""
    return _once(call, partial(of_project, call, call.params["projectName"], call.params, INITIATOR))


def _once(call: Call, start: Any) -> Shape:
    token, tokens = call.params.get("idempotencyToken"), store.table(call, "tokens")
    asked = {name: value for name, value in call.params.items() if name != "idempotencyToken"}
    if token and token in tokens:
        before, identity = tokens[token]
        if before != asked:
            raise Refusal(store.INVALID, "Parameters do not match those of the earlier request with this idempotency token")
        return {"build": shown(store.builds(call)[identity])}
    made = start()
    if token:
        tokens[token] = (asked, made.id)
        world.clock.after(TOKEN_SECONDS, lambda: tokens.pop(token, None))
    return {"build": shown(made)}


@operation("codebuild", "RetryBuild")
def retry_build(call: Call) -> Shape:
    """Another build like one that has ended without success: of the same project and overrides, and with a new id."""
    if not call.params.get("id"):
        raise Refusal(store.INVALID, "The build ID cannot be empty")
    before = store.build(call, call.params["id"])
    if not before.over:
        raise Refusal(store.INVALID, f"Build {before.arn} is still in progress and cannot be retried")
    if before.request.project not in store.projects(call):
        raise Refusal(store.MISSING, f"Project cannot be found: {store.project_arn(call, before.request.project)}")
    return _once(call, partial(_again, call, before))


def _again(call: Call, before: Build) -> Build:
    numbers, name = store.table(call, "numbers"), before.request.project
    numbers[name] = numbers.get(name, 0) + 1
    made = builds.prepare(call, before.request, numbers[name])
    made.places, made.upload = before.places, sources.uploader(before.places, made.id)
    return _begun(call, made)


@operation("codebuild", "StopBuild")
def stop_build(call: Call) -> Shape:
    """What has ended stays as it is."""
    found = store.build(call, call.params["id"])
    found.stop()
    return {"build": shown(found)}
