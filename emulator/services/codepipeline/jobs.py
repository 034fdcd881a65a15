"""Jobs of custom actions, which a worker of somebody's asks for and reports on.

https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-create-custom-action.html
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import action_types, actions, artifacts, state
from .actions import ActionError
from .shapes import ActionRun, Pipeline, new_id

OUTPUTS = 122_880


@dataclass(eq=False)
class Job:
    """`status` is AWS's JobStatus. `places`: where each artifact that the action makes is to be."""

    run: ActionRun
    places: dict[str, dict[str, str]]
    id: str = field(default_factory=new_id)
    nonce: str = field(default_factory=lambda: str(secrets.randbelow(10**8)))
    status: str = "Queued"


@actions.provider(*((category, "Custom") for category in ("Source", "Build", "Deploy", "Test", "Invoke", "Approval")))
def offer(run: ActionRun) -> None:
    places = {each["name"]: artifacts.place(run, each["name"]) for each in run.declaration["outputArtifacts"]}
    job = Job(run, places)
    state.table(run.call, "jobs")[job.id] = job


def _found(call: Call) -> Job:
    found = state.table(call, "jobs").get(call.params["jobId"])
    if found is None:
        raise Refusal("JobNotFoundException", "The job was specified in an invalid format or cannot be found.")
    job: Job = found
    return job


def _data(job: Job) -> dict[str, Any]:
    """AWS's JobData, with keys that are nobody's."""
    run = job.run
    kept = run.execution.pipeline
    places = {"inputArtifacts": run.inputs, "outputArtifacts": job.places}
    return {
        "actionTypeId": run.declaration["actionTypeId"],
        "actionConfiguration": {"configuration": run.resolved},
        "pipelineContext": {
            "pipelineName": kept.name,
            "stage": {"name": run.stage.name},
            "action": {"name": run.name, "actionExecutionId": run.id},
            "pipelineArn": kept.arn,
            "pipelineExecutionId": run.execution.id,
        },
        **{
            member: [
                {"name": name, "location": {"type": "S3", "s3Location": {"bucketName": at["bucket"], "objectKey": at["key"]}}}
                for name, at in found.items()
            ]
            for member, found in places.items()
        },
        "artifactCredentials": {"accessKeyId": "ASIAEMULATED", "secretAccessKey": "emulated", "sessionToken": "emulated"},
    }


@operation("codepipeline", "PollForJobs")
def poll_for_jobs(call: Call) -> dict[str, Any]:
    """CP-23: what nobody has taken yet. Only custom actions have jobs."""
    identity = call.params["actionTypeId"]
    if identity["owner"] != "Custom":
        raise Refusal("ValidationException", "PollForJobs is valid only for action types with Custom in the owner field.")
    kind = action_types.find(call, identity)
    if kind is None:
        raise action_types.not_available(identity)
    wanted = call.params.get("queryParam", {})
    found = [
        job
        for job in state.table(call, "jobs").values()
        if job.status in ("Queued", "Dispatched") and not job.run.ended and job.run.declaration["actionTypeId"] == identity
        if all(job.run.resolved.get(name) == value for name, value in wanted.items())
    ][: call.params.get("maxBatchSize", 1)]
    for job in found:
        job.status = "Dispatched"
    return {"jobs": [{"id": job.id, "data": _data(job), "nonce": job.nonce, "accountId": call.account} for job in found]}


@operation("codepipeline", "AcknowledgeJob")
def acknowledge_job(call: Call) -> dict[str, Any]:
    """CP-23: with the nonce of the poll."""
    job = _found(call)
    if job.nonce != call.params["nonce"]:
        raise Refusal("InvalidNonceException", "The nonce was specified in an invalid format.")
    if job.status in ("Queued", "Dispatched"):
        job.status = "InProgress"
    return {"status": job.status}


@operation("codepipeline", "GetJobDetails")
def get_job_details(call: Call) -> dict[str, Any]:
    job = _found(call)
    return {"jobDetails": {"id": job.id, "data": _data(job), "accountId": call.account}}


def _open(call: Call) -> Job:
    """CP-23: a job is reported on once, and after it was acknowledged."""
    job = _found(call)
    if job.status != "InProgress" or job.run.ended:
        raise Refusal("InvalidJobStateException", f"The job {job.id} is in the state {job.status} and takes no result.")
    return job


@operation("codepipeline", "PutJobSuccessResult")
def put_job_success_result(call: Call) -> dict[str, Any]:
    """CP-23: with a continuation token the job is offered again."""
    job, given = _open(call), call.params
    variables = given.get("outputVariables", {})
    if sum(len(f"{name}{value}".encode()) for name, value in variables.items()) > OUTPUTS:
        raise Refusal("OutputVariablesSizeExceededException", "Exceeded the total size limit for all variables in the pipeline.")
    details = given.get("executionDetails", {})
    known = {"summary": details.get("summary", ""), "external_id": details.get("externalExecutionId", "")}
    if given.get("continuationToken"):
        job.status = "Queued"
        actions.touch(job.run, percent=details.get("percentComplete"), **known)
        return {}
    job.status = "Succeeded"
    if revision := given.get("currentRevision"):
        _note(job, revision)
    actions.attempt(job.run, lambda run: _done(run, job, {**known, "variables": variables}))
    return {}


def _note(job: Job, revision: dict[str, Any]) -> None:
    execution, name = job.run.execution, next(iter(job.places), job.run.name)
    members = {"revisionId": revision["revision"], "revisionSummary": revision.get("revisionSummary", "")}
    execution.revisions.append({"actionName": job.run.name, "name": name, "created": world.clock.utc(), **members})


def _done(run: ActionRun, job: Job, known: dict[str, Any]) -> None:
    """What the action makes must be there."""
    for at in job.places.values():
        bucket = world.backend("s3", run.call).buckets.get(at["bucket"])
        if bucket is None or at["key"] not in bucket.keys:
            raise ActionError("ConfigurationError", f"The output artifact with key '{at['key']}' does not exist in '{at['bucket']}'.")
    actions.succeed(run, outputs=dict(job.places), **known)


@operation("codepipeline", "PutJobFailureResult")
def put_job_failure_result(call: Call) -> dict[str, Any]:
    job, details = _open(call), call.params["failureDetails"]
    job.status = "Failed"
    actions.fail(job.run, details["type"], details["message"], external_id=details.get("externalExecutionId", ""))
    return {}


@operation(
    "codepipeline",
    *("AcknowledgeThirdPartyJob", "GetThirdPartyJobDetails", "PutThirdPartyJobFailureResult", "PutThirdPartyJobSuccessResult"),
)
def third_party_job(_call: Call) -> dict[str, Any]:
    """Jobs of partners are not offered here."""
    raise Refusal("JobNotFoundException", "The job was specified in an invalid format or cannot be found.")


@operation("codepipeline", "PollForThirdPartyJobs")
def poll_for_third_party_jobs(call: Call) -> dict[str, Any]:
    identity = call.params["actionTypeId"]
    if identity["owner"] != "ThirdParty" or action_types.find(call, identity) is None:
        raise action_types.not_available(identity)
    return {"jobs": []}


def _forget(kept: Pipeline) -> None:
    jobs = state.table(kept.call, "jobs")
    for job in [each for each in jobs.values() if each.run.execution.pipeline is kept]:
        del jobs[job.id]


state.on_delete.append(_forget)
