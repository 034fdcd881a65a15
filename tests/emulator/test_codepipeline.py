"""CodePipeline's pipelines, versions, tags, lists and action types: shapes, defaults, and how they are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.pipelining import ACCOUNT, NAME, Pipelining, approval, prepare

ARN = f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:{NAME}"


@pytest.fixture
def stage(emulated: Emulated) -> Pipelining:
    return prepare(emulated)


def test_what_a_pipeline_answers(stage: Pipelining) -> None:
    given = stage.declaration()
    for member in ("pipelineType", "executionMode"):
        del given[member]
    tags = [{"key": "team", "value": "checkout"}]
    made = stage.api.create_pipeline(pipeline=given, tags=tags)
    assert made["tags"] == tags
    answer = stage.api.get_pipeline(name=NAME)
    found = answer["pipeline"]
    assert found == made["pipeline"]
    assert (found["pipelineType"], found["executionMode"], found["version"]) == ("V1", "SUPERSEDED", 1)
    assert found["stages"][1]["actions"][0] == {
        **approval(),
        "runOrder": 1,
        "configuration": {},
        "outputArtifacts": [],
        "inputArtifacts": [],
        "region": "eu-west-1",
    }
    assert answer["metadata"]["pipelineArn"] == ARN
    assert answer["metadata"]["created"] == answer["metadata"]["updated"]


def test_versions_are_kept(stage: Pipelining) -> None:
    stage.create()
    changed = stage.declaration({"name": "Ask", "actions": [approval()]})
    assert stage.api.update_pipeline(pipeline=changed)["pipeline"]["version"] == 2
    assert stage.api.update_pipeline(pipeline=changed)["pipeline"]["version"] == 3
    assert stage.api.get_pipeline(name=NAME)["pipeline"]["stages"][1]["name"] == "Ask"
    assert stage.api.get_pipeline(name=NAME, version=1)["pipeline"]["stages"][1]["name"] == "Approve"
    code, words = stage.emulated.refused("codepipeline", "get_pipeline", name=NAME, version=4)
    assert code == "PipelineVersionNotFoundException" and "'4'" in words


def test_a_list_of_pipelines_has_pages(stage: Pipelining) -> None:
    for name in ("a", "b", "c"):
        stage.api.create_pipeline(pipeline=stage.declaration(name=name))
    first = stage.api.list_pipelines(maxResults=2)
    assert [each["name"] for each in first["pipelines"]] == ["a", "b"]
    last = stage.api.list_pipelines(maxResults=2, nextToken=first["nextToken"])
    assert [each["name"] for each in last["pipelines"]] == ["c"] and "nextToken" not in last
    assert last["pipelines"][0]["pipelineType"] == "V2" and last["pipelines"][0]["version"] == 1
    assert stage.emulated.refused("codepipeline", "list_pipelines", nextToken="other")[0] == "InvalidNextTokenException"
    stage.api.delete_pipeline(name="b")
    stage.api.delete_pipeline(name="b")
    assert [each["name"] for each in stage.api.list_pipelines()["pipelines"]] == ["a", "c"]
    assert stage.emulated.refused("codepipeline", "get_pipeline_state", name="b") == (
        "PipelineNotFoundException",
        f"Account '{ACCOUNT}' does not have a pipeline with name 'b'",
    )


def test_tags(stage: Pipelining) -> None:
    stage.create()
    stage.api.tag_resource(resourceArn=ARN, tags=[{"key": "b", "value": "2"}, {"key": "a", "value": "1"}])
    stage.api.tag_resource(resourceArn=ARN, tags=[{"key": "b", "value": "3"}])
    assert stage.api.list_tags_for_resource(resourceArn=ARN)["tags"] == [{"key": "a", "value": "1"}, {"key": "b", "value": "3"}]
    assert len(stage.api.list_tags_for_resource(resourceArn=ARN, maxResults=1)["tags"]) == 1
    tagged = stage.emulated.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "a"}])
    assert [each["ResourceARN"] for each in tagged["ResourceTagMappingList"]] == [ARN]
    stage.api.untag_resource(resourceArn=ARN, tagKeys=["a", "none"])
    assert [each["key"] for each in stage.api.list_tags_for_resource(resourceArn=ARN)["tags"]] == ["b"]


MANY = [{"key": str(number), "value": ""} for number in range(51)]
REFUSED_TAGS = [
    ({"resourceArn": ARN, "tags": MANY}, "TooManyTagsException", f"Tag limit exceeded for resource [{ARN}]."),
    ({"resourceArn": ARN, "tags": [{"key": "aws:x", "value": ""}]}, "InvalidTagsException", "Not allowed to modify system tags"),
    ({"resourceArn": ARN, "tags": [MANY[0], MANY[0]]}, "InvalidTagsException", "Duplicate tag keys"),
    ({"resourceArn": f"{ARN}-none", "tags": MANY[:1]}, "ResourceNotFoundException", "does not include a pipeline with the name"),
    ({"resourceArn": ARN.replace("eu-west-1", "eu-west-2"), "tags": MANY[:1]}, "InvalidArnException", "invalid"),
    ({"resourceArn": "arn:aws:s3:::b", "tags": MANY[:1]}, "ValidationException", "pattern"),
]


@pytest.mark.parametrize(("params", "code", "words"), REFUSED_TAGS)
def test_refused_tags(stage: Pipelining, params: dict[str, Any], code: str, words: str) -> None:
    stage.create()
    refused = stage.emulated.refused("codepipeline", "tag_resource", **params)
    assert refused[0] == code and words in refused[1]


ABSENT = "11111111-2222-3333-4444-555555555555"
TRANSITION = {"transitionType": "Inbound"}
RETRY = {"pipelineExecutionId": ABSENT, "retryMode": "ALL_ACTIONS"}
NOT_FOUND: list[tuple[str, dict[str, Any], str, str]] = [
    ("get_pipeline", {"name": "none"}, "PipelineNotFoundException", "'none'"),
    ("update_pipeline", {"pipeline": "none"}, "PipelineNotFoundException", "'none'"),
    ("start_pipeline_execution", {"name": "none"}, "PipelineNotFoundException", "'none'"),
    ("list_pipeline_executions", {"pipelineName": "none"}, "PipelineNotFoundException", "'none'"),
    ("list_action_executions", {"pipelineName": "none"}, "PipelineNotFoundException", "'none'"),
    ("list_rule_executions", {"pipelineName": "none"}, "PipelineNotFoundException", "'none'"),
    ("list_action_executions", {"filter": {"pipelineExecutionId": ABSENT}}, "PipelineExecutionNotFoundException", ABSENT),
    ("get_pipeline_execution", {"pipelineExecutionId": ABSENT}, "PipelineExecutionNotFoundException", ABSENT),
    ("stop_pipeline_execution", {"pipelineExecutionId": ABSENT}, "PipelineExecutionNotStoppableException", ABSENT),
    ("disable_stage_transition", {"stageName": "None", **TRANSITION, "reason": "x"}, "StageNotFoundException", "'None'"),
    ("enable_stage_transition", {"stageName": "None", **TRANSITION}, "StageNotFoundException", "'None'"),
    (
        "retry_stage_execution",
        {"stageName": "None", "pipelineExecutionId": ABSENT, "retryMode": "ALL_ACTIONS"},
        "StageNotFoundException",
        "",
    ),
    ("rollback_stage", {"stageName": "None", "targetPipelineExecutionId": ABSENT}, "StageNotFoundException", "'None'"),
    ("rollback_stage", {"stageName": "Approve", "targetPipelineExecutionId": ABSENT}, "PipelineExecutionNotFoundException", ABSENT),
    ("register_webhook_with_third_party", {"webhookName": "none"}, "WebhookNotFoundException", "none"),
]


@pytest.mark.parametrize(("operation", "params", "code", "words"), NOT_FOUND)
def test_what_is_not_there(stage: Pipelining, operation: str, params: dict[str, Any], code: str, words: str) -> None:
    stage.create()
    if params.get("pipeline"):
        params = {"pipeline": stage.declaration(name="none")}
    elif not params.keys() & {"name", "pipelineName", "webhookName"}:
        params = {"pipelineName": NAME, **params}
    refused = stage.emulated.refused("codepipeline", operation, **params)
    assert refused[0] == code and words in refused[1]


def test_a_name_is_taken_once(stage: Pipelining) -> None:
    stage.create()
    assert stage.refused() == ("PipelineNameInUseException", f"A pipeline with the name '{NAME}' already exists in account '{ACCOUNT}'")


def test_action_types(stage: Pipelining) -> None:
    own = stage.api.list_action_types(actionOwnerFilter="AWS")["actionTypes"]
    found = {(each["id"]["category"], each["id"]["provider"]): each for each in own}
    commands = found["Compute", "Commands"]
    assert (commands["inputArtifactDetails"], commands["outputArtifactDetails"]["maximumCount"]) == (
        {"minimumCount": 1, "maximumCount": 10},
        1,
    )
    required = [each["name"] for each in found["Deploy", "ECS"]["actionConfigurationProperties"] if each["required"]]
    assert required == ["ClusterName", "ServiceName"]
    rules = [each["id"]["provider"] for each in stage.api.list_rule_types()["ruleTypes"]]
    assert {"VariableCheck", "CloudWatchAlarm", "DeploymentWindow", "LambdaInvoke"} < set(rules)
    identity = {"category": "Build", "owner": "AWS", "provider": "None", "version": "1"}
    assert stage.emulated.refused("codepipeline", "get_action_type", **identity)[0] == "ActionTypeNotFoundException"


def test_custom_action_types(stage: Pipelining) -> None:
    counts = {"minimumCount": 0, "maximumCount": 1}
    properties = [{"name": "Job", "required": True, "key": True, "secret": False, "queryable": True}]
    kind = {"category": "Build", "provider": "Jenkins", "version": "1", "inputArtifactDetails": counts, "outputArtifactDetails": counts}
    made = stage.api.create_custom_action_type(**kind, configurationProperties=properties)["actionType"]
    assert made["id"]["owner"] == "Custom"
    assert [each["id"] for each in stage.api.list_action_types(actionOwnerFilter="Custom")["actionTypes"]] == [made["id"]]
    refused = stage.emulated.refused
    assert refused("codepipeline", "create_custom_action_type", **kind)[0] == "ActionTypeAlreadyExistsException"
    names = {name: kind[name] for name in ("category", "provider", "version")}
    stage.api.delete_custom_action_type(**names)
    assert stage.api.list_action_types(actionOwnerFilter="Custom")["actionTypes"] == []
    gone = refused("codepipeline", "create_custom_action_type", **kind)
    assert gone[0] == "InvalidActionTypeException" and gone[1].endswith("has been deleted. Create a new version of the action type.")
    twice = [{**properties[0], "name": name} for name in ("a", "b")]
    wrong = {**kind, "version": "2", "configurationProperties": twice}
    text = "Multiple queryable configuration properties found with names 'a, b'. Up to one queryable property may be specified."
    assert refused("codepipeline", "create_custom_action_type", **wrong) == ("InvalidActionTypeException", text)
    wrong = {**kind, "version": "2", "configurationProperties": [{**properties[0], "secret": True}]}
    text = "Invalid queryable property 'Job'. Queryable configuration properties must be required and non-secret."
    assert refused("codepipeline", "create_custom_action_type", **wrong) == ("InvalidActionTypeException", text)
    wrong = {**kind, "version": "2", "inputArtifactDetails": {"minimumCount": 2, "maximumCount": 1}}
    assert (
        "Maximum Number of Artifacts (1) has to be greater than or equal to minimum (2)."
        in stage.emulated.refused("codepipeline", "create_custom_action_type", **wrong)[1]
    )


def test_webhooks(stage: Pipelining) -> None:
    stage.create()
    hook: dict[str, Any] = {
        "name": "hook",
        "targetPipeline": NAME,
        "targetAction": "Source",
        "filters": [{"jsonPath": "$.ref", "matchEquals": "refs/heads/{Branch}"}],
        "authentication": "GITHUB_HMAC",
        "authenticationConfiguration": {"SecretToken": "secret"},
    }
    made = stage.api.put_webhook(webhook=hook)["webhook"]
    assert made["definition"]["authenticationConfiguration"]["SecretToken"] == "****"
    assert stage.api.put_webhook(webhook=hook)["webhook"]["url"] == made["url"]
    assert [each["arn"] for each in stage.api.list_webhooks()["webhooks"]] == [f"arn:aws:codepipeline:eu-west-1:{ACCOUNT}:webhook:hook"]
    for members, code in (
        ({"targetPipeline": "none"}, "PipelineNotFoundException"),
        ({"targetAction": "Approve"}, "ValidationException"),
        ({"authentication": "IP"}, "InvalidWebhookAuthenticationParametersException"),
        ({"authentication": "UNAUTHENTICATED"}, "InvalidWebhookAuthenticationParametersException"),
        ({"filters": [{"jsonPath": "ref"}]}, "InvalidWebhookFilterPatternException"),
    ):
        assert stage.emulated.refused("codepipeline", "put_webhook", webhook={**hook, **members})[0] == code
    stage.api.register_webhook_with_third_party(webhookName="hook")
    stage.api.delete_webhook(name="hook")
    stage.api.delete_webhook(name="hook")
    assert stage.api.list_webhooks()["webhooks"] == []


def test_another_account_and_region_see_nothing(stage: Pipelining) -> None:
    stage.create()
    assert stage.emulated.client("codepipeline", region="eu-west-2").list_pipelines()["pipelines"] == []
    assert stage.emulated.client("codepipeline", account="210987654321").list_pipelines()["pipelines"] == []


def test_secrets_are_not_shown(stage: Pipelining) -> None:
    given = {"Owner": "acme", "Repo": "shop", "Branch": "main", "OAuthToken": "hidden"}
    identity = {"category": "Source", "owner": "ThirdParty", "provider": "GitHub", "version": "1"}
    code = {"name": "Code", "actionTypeId": identity, "configuration": given, "outputArtifacts": [{"name": "code"}]}
    stages = [{"name": "Source", "actions": [code]}, {"name": "Approve", "actions": [approval()]}]
    made = stage.api.create_pipeline(pipeline=stage.declaration(stages=stages))["pipeline"]
    assert made["stages"][0]["actions"][0]["configuration"] == {**given, "OAuthToken": "****"}
    assert stage.api.get_pipeline(name=NAME)["pipeline"] == made
