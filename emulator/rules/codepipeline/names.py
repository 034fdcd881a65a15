"""What CodePipeline refuses of names that are taken or not there, and of tags."""

from __future__ import annotations

from ...registry import rule
from ...services.codepipeline import state, tags
from ...wire import Call, Refusal

API = "https://docs.aws.amazon.com/codepipeline/latest/APIReference/"
LIMITS = "https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html"
STRUCTURES = ("CreatePipeline", "UpdatePipeline")
PIPELINES = 1000
RESERVED = "aws:"
TAGGED = ("CreatePipeline", "TagResource", "CreateCustomActionType", "PutWebhook")


@rule("CP-18", "codepipeline", "CreatePipeline", source=API + "API_CreatePipeline.html")
def taken(call: Call) -> Refusal | None:
    """The name of a pipeline is taken once in an account and Region."""
    name = call.params["pipeline"]["name"]
    if name in state.pipelines(call):
        return Refusal("PipelineNameInUseException", f"A pipeline with the name '{name}' already exists in account '{call.account}'")
    if len(state.pipelines(call)) >= PIPELINES:
        return Refusal("LimitExceededException", f"The account has reached the limit of {PIPELINES} pipelines.")
    return None


@rule("CP-18", "codepipeline", "UpdatePipeline", source=API + "API_UpdatePipeline.html")
def known(call: Call) -> Refusal | None:
    """Only a pipeline that is there is updated."""
    name = call.params["pipeline"]["name"]
    return None if name in state.pipelines(call) else state.no_pipeline(call, name)


@rule("CP-19", "codepipeline", *TAGGED, source=API + "API_TagResource.html")
def tagged(call: Call) -> Refusal | None:
    """At most fifty tags, each key once, none of AWS's."""
    keys = [tag["key"] for tag in call.params.get("tags", [])]
    if len(keys) > tags.MOST:
        return Refusal("TooManyTagsException", f"Tag limit exceeded for resource [{call.params.get('resourceArn', '')}].")
    if len(set(keys)) < len(keys):
        return Refusal("InvalidTagsException", "Duplicate tag keys are not allowed.")
    if any(key.lower().startswith(RESERVED) for key in keys):
        text = "Not allowed to modify system tags. System tags start with 'aws:'. "
        return Refusal("InvalidTagsException", text + "msg=[Caller is an end user and not allowed to mutate system tags]")
    return None


@rule("CP-19", "codepipeline", "UntagResource", source=API + "API_UntagResource.html")
def untagged(call: Call) -> Refusal | None:
    """Tags of AWS stay."""
    if any(key.lower().startswith(RESERVED) for key in call.params["tagKeys"]):
        text = "Not allowed to modify system tags. System tags start with 'aws:'. "
        return Refusal("InvalidTagsException", text + "msg=[Caller is an end user and not allowed to mutate system tags]")
    return None
