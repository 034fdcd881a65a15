"""What CodePipeline refuses when an execution is started, of webhooks and of custom action types."""

from __future__ import annotations

import ipaddress
import re

from ...registry import rule
from ...services.codepipeline import queue, state
from ...services.codepipeline.shapes import Declaration, Pipeline
from ...wire import Call, Refusal
from .names import API, LIMITS
from .structure import GUIDE, invalid, twice

START = API + "API_StartPipelineExecution.html"
# Which kind of revision a source takes.
REVISIONS = {
    "CodeCommit": ("COMMIT_ID",),
    "CodeStarSourceConnection": ("COMMIT_ID",),
    "GitHub": ("COMMIT_ID",),
    "ECR": ("IMAGE_DIGEST",),
    "S3": ("S3_OBJECT_VERSION_ID", "S3_OBJECT_KEY"),
}
CUSTOM_CATEGORIES = ("Build", "Deploy", "Test", "Invoke", "Source", "Approval")


def wrong_type(text: str) -> Refusal:
    """A code that the model does not have, and AWS answers."""
    return Refusal("InvalidActionTypeException", text)


def _kept(call: Call) -> Pipeline | None:
    return state.pipelines(call).get(call.params.get("name", ""))


@rule("CP-29", "codepipeline", "StartPipelineExecution", source=START)
def variables(call: Call) -> Refusal | None:
    """Variables are those that the pipeline declares, each once."""
    kept, given = _kept(call), [each["name"] for each in call.params.get("variables", [])]
    if kept is None:
        return None
    declared = kept.declaration.get("variables", [])
    if given and kept.declaration["pipelineType"] != "V2":
        return invalid("Pipeline variables can only be used with V2 pipelines")
    if name := twice(given):
        return invalid(f"Pipeline variable name '{name}' is used more than once")
    if unknown := [name for name in given if name not in {each["name"] for each in declared}]:
        return invalid(f"The pipeline {kept.name} does not declare the following variables: {', '.join(unknown)}")
    return None


@rule("CP-29", "codepipeline", "StartPipelineExecution", source=START)
def revisions(call: Call) -> Refusal | None:
    """A source revision names a source action, and is of its kind."""
    kept, given = _kept(call), call.params.get("sourceRevisions", [])
    if kept is None:
        return None
    sources: dict[str, Declaration] = {action["name"]: action for action in kept.declaration["stages"][0]["actions"]}
    kinds = [(each["actionName"], each["revisionType"]) for each in given]
    if len(set(kinds)) < len(kinds):
        return invalid("A source revision can be specified only once for each source action")
    for each in given:
        action = sources.get(each["actionName"])
        if action is None:
            return invalid(f"The pipeline {kept.name} does not have a source action with name '{each['actionName']}'")
        provider = action["actionTypeId"]["provider"]
        if each["revisionType"] not in REVISIONS.get(provider, ()):
            return invalid(
                f"The revision type {each['revisionType']} is not supported for the source action '{action['name']}' of {provider}"
            )
        allows = action["configuration"].get("AllowOverrideForS3ObjectKey", "false")
        if each["revisionType"] == "S3_OBJECT_KEY" and allows != "true":
            return invalid(f"The source action '{action['name']}' does not allow to override the object key")
    return None


@rule("CP-25", "codepipeline", "StartPipelineExecution", "PutActionRevision", source=LIMITS)
def at_once(call: Call) -> Refusal | None:
    """Fifty executions of a pipeline in PARALLEL mode at once."""
    kept = state.pipelines(call).get(call.params.get("name") or call.params.get("pipelineName") or "")
    if kept is None or kept.declaration["executionMode"] != "PARALLEL" or len(state.running(kept)) < queue.MOST:
        return None
    text = "The pipeline has reached the limit for concurrent pipeline executions."
    return Refusal("ConcurrentPipelineExecutionsLimitExceededException", text)


@rule("CP-24", "codepipeline", "PutWebhook", source=API + "API_WebhookDefinition.html")
def webhook(call: Call) -> Refusal | None:
    """A webhook is for a source action of a pipeline, and has what its authentication needs."""
    given = call.params["webhook"]
    kept = state.pipelines(call).get(given["targetPipeline"])
    if kept is None:
        return state.no_pipeline(call, given["targetPipeline"])
    if given["targetAction"] not in [action["name"] for action in kept.declaration["stages"][0]["actions"]]:
        return invalid(f"The pipeline {kept.name} does not have a source action with name '{given['targetAction']}'")
    if not given["filters"] or any(not each["jsonPath"].startswith("$") for each in given["filters"]):
        return Refusal("InvalidWebhookFilterPatternException", "The specified event filter rule is in an invalid format.")
    return _authentication(given["authentication"], given["authenticationConfiguration"])


def _authentication(kind: str, given: dict[str, str]) -> Refusal | None:
    needed: set[str] = {"GITHUB_HMAC": {"SecretToken"}, "IP": {"AllowedIPRange"}, "UNAUTHENTICATED": set()}[kind]
    wrong = {name for name, value in given.items() if value} != needed
    if not wrong and kind == "IP":
        try:
            ipaddress.ip_network(given["AllowedIPRange"])
        except ValueError:
            wrong = True
    what = f"contain only one property: '{next(iter(needed))}'" if needed else "be empty"
    text = f"Optional['authenticationConfig' should {what}]"
    return Refusal("InvalidWebhookAuthenticationParametersException", text) if wrong else None


@rule("CP-23", "codepipeline", "CreateCustomActionType", source=GUIDE + "actions-create-custom-action.html")
def custom(call: Call) -> Refusal | None:
    """A custom action has counts in order, properties of their own names, and at most one to ask for jobs by."""
    given = call.params
    if given["category"] not in CUSTOM_CATEGORIES:
        return invalid(f"The category {given['category']} cannot have custom actions")
    for member in ("inputArtifactDetails", "outputArtifactDetails"):
        if given[member]["minimumCount"] > given[member]["maximumCount"]:
            least, most = given[member]["minimumCount"], given[member]["maximumCount"]
            return wrong_type(f"Maximum Number of Artifacts ({most}) has to be greater than or equal to minimum ({least}).")
    properties = given.get("configurationProperties", [])
    if twice(each["name"] for each in properties):
        return invalid("The configuration properties must have unique names")
    queryable = [each for each in properties if each.get("queryable")]
    if len(queryable) > 1:
        names = ", ".join(sorted(each["name"] for each in queryable))
        text = f"Multiple queryable configuration properties found with names '{names}'. Up to one queryable property may be specified."
        return wrong_type(text)
    if wrong := next((each["name"] for each in queryable if not each["required"] or each["secret"]), None):
        text = f"Invalid queryable property '{wrong}'. Queryable configuration properties must be required and non-secret."
        return wrong_type(text)
    return _templates(given.get("settings", {}), {each["name"]: each for each in properties})


def _templates(settings: dict[str, str], properties: dict[str, Declaration]) -> Refusal | None:
    for text in settings.values():
        for name in re.findall(r"\{Config:([^}]*)\}", text):
            kept = properties.get(name)
            if kept is None or not kept["required"] or kept["secret"]:
                return invalid(f"The property {name} that a URL template refers to must be required and not secret")
    return None
