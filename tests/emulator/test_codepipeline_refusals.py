"""What the emulated CodePipeline refuses of a structure, with code and words."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest

from tests.support import roles
from tests.support.emulated import Emulated
from tests.support.pipelining import BUCKET, Pipelining, action, approval, prepare, source

INVALID = "ValidationException"
OTHER_ROLE = "arn:aws:iam::123456789012:role/other"
ELSEWHERE = {"type": "S3", "location": "elsewhere"}
V1 = {"pipelineType": "V1", "executionMode": "SUPERSEDED"}
STRUCTURE, ACTION, STAGE = "InvalidStructureException", "InvalidActionDeclarationException", "InvalidStageDeclarationException"
CONNECTION = "arn:aws:codeconnections:eu-west-1:123456789012:connection/11111111-2222-3333-4444-555555555555"
LINK = {"ConnectionArn": CONNECTION, "FullRepositoryId": "acme/shop", "BranchName": "main"}
GITHUB = action("GitHub", "Source/CodeStarSourceConnection", configuration=LINK, outputArtifacts=[{"name": "code"}])
BUILD = action("Build", "Build/CodeBuild", configuration={"ProjectName": "p"}, inputArtifacts=[{"name": "source"}])
COMMANDS = action("Run", "Compute/Commands", commands=["true"], inputArtifacts=[{"name": "source"}])
TEMPLATES = {"TaskDefinitionTemplateArtifact": "source", "AppSpecTemplateArtifact": "source"}
GREEN = action(
    "Deploy",
    "Deploy/CodeDeployToECS",
    configuration={"ApplicationName": "a", "DeploymentGroupName": "g", **TEMPLATES},
    inputArtifacts=[{"name": "source"}],
)


def stage(name: str, *actions: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {"name": name, "actions": list(actions) or [approval()], **members}


def configured(given: dict[str, Any], **configuration: str | None) -> dict[str, Any]:
    """An action with other values in its configuration; None takes one away."""
    found = deepcopy(given)
    found["configuration"] = {key: value for key, value in {**given.get("configuration", {}), **configuration}.items() if value is not None}
    return found


def rule(provider: str = "VariableCheck", **configuration: str) -> dict[str, Any]:
    return {"name": "Check", "ruleTypeId": {"category": "Rule", "provider": provider}, "configuration": configuration}


def condition(result: str, *rules: dict[str, Any]) -> dict[str, Any]:
    return {"conditions": [{"result": result, "rules": list(rules)}]}


def trigger(name: str = "GitHub", **members: Any) -> dict[str, Any]:
    return {"providerType": "CodeStarSourceConnection", "gitConfiguration": {"sourceActionName": name, **members}}


EQUAL = {"Variable": "#{Source.ETag}", "Value": "1", "Operator": "EQ"}
FROM_GITHUB = [stage("Source", GITHUB), stage("Approve")]
RETRY = {"retryConfiguration": {"retryMode": "ALL_ACTIONS"}}
PUSH = {"branches": {"includes": ["main"]}}
Case = tuple[str, list[dict[str, Any]], dict[str, Any], str, str]
CASES: list[Case] = [
    ("CP-1", [], {"stages": [stage("Source", source())]}, STRUCTURE, "Pipeline has only 1 stage(s). There should be a minimum of 2 stages"),
    ("CP-1", [stage(f"S{n}") for n in range(50)], {}, STRUCTURE, "Pipeline has too many stages. There can only be up to 50 stages"),
    ("CP-1", [{"name": "Empty", "actions": []}], {}, STAGE, "'Empty'"),
    ("CP-1", [], {"stages": [stage("A"), stage("B")]}, STRUCTURE, "Pipeline should start with a stage that only contains source actions"),
    (
        "CP-1",
        [stage("A", source(outputArtifacts=[{"name": "b"}])), stage("B")],
        {},
        STRUCTURE,
        "Source actions can only be included in the first stage",
    ),
    ("CP-2", [stage("A"), stage("A")], {}, STAGE, "Stage name 'A' is used more than once"),
    ("CP-2", [stage("A", approval(), approval())], {}, ACTION, "Action name 'Approve' is used more than once"),
    ("CP-2", [stage("A b")], {}, "ValidationException", "regular expression"),
    (
        "CP-2",
        [stage("A", blockers=[{"name": "x", "type": "Schedule"}])],
        {},
        "InvalidBlockerDeclarationException",
        "reserved for future use",
    ),
    (
        "CP-3",
        [stage("A", {**BUILD, "outputArtifacts": [{"name": "source"}]})],
        {},
        ACTION,
        "name must be unique within the pipeline. source",
    ),
    (
        "CP-3",
        [stage("A", {**BUILD, "inputArtifacts": [{"name": "none"}]})],
        {},
        ACTION,
        "Input Artifact Bundle none in action Build is not declared as Output Artifact Bundle in any of the preceding actions",
    ),
    (
        "CP-3",
        [stage("A", {**BUILD, "outputArtifacts": [{"name": "b"}]}, {**BUILD, "name": "Two", "inputArtifacts": [{"name": "b"}]})],
        {},
        ACTION,
        "Input Artifact Bundle b in action Two",
    ),
    ("CP-3", [stage("A", {**BUILD, "outputArtifacts": [{"name": "a.b"}]})], {}, "ValidationException", "regular expression"),
    ("CP-4", [stage("A", approval(runOrder=1000))], {}, "ValidationException", "less than or equal to 999"),
    ("CP-4", [stage("A", approval(namespace="a b"))], {}, "ValidationException", "regular expression"),
    ("CP-4", [stage("A", approval(configuration={"CustomData": "x" * 1001}))], {}, "ValidationException", "less than or equal to 1000"),
    ("CP-4", [stage("A", {**BUILD, "timeoutInMinutes": 60})], {}, ACTION, "timeoutInMinutes"),
    (
        "CP-4",
        [stage("A", {**BUILD, "region": "eu-west-2"})],
        {},
        INVALID,
        "Use 'pipeline.artifactStores' instead of 'pipeline.artifactStore'",
    ),
    ("CP-5", [], {"artifactStores": {"eu-west-1": {"type": "S3", "location": BUCKET}}}, INVALID, "Exactly one of"),
    ("CP-5", [], {"artifactStore": {"type": "S3", "location": "no-such-bucket"}}, STRUCTURE, "no-such-bucket"),
    ("CP-5", [], {"artifactStore": {"type": "S3", "location": "elsewhere"}}, STRUCTURE, "is in the region eu-west-2"),
    ("CP-6", [stage("A", configured(BUILD, ProjectName=None))], {}, ACTION, "'Build' is missing required configuration 'ProjectName'"),
    ("CP-6", [stage("A", configured(BUILD, Project="p"))], {}, ACTION, "'Build' contains unknown configuration 'Project'"),
    (
        "CP-6",
        [stage("A", action("X", "Deploy/Nothing"))],
        {},
        ACTION,
        "Deploy', Provider: 'Nothing', Owner: 'AWS', Version: '1') in action 'X' is not available in region 'EU_WEST_1'",
    ),
    ("CP-6", [stage("A", configured(BUILD, EnvironmentVariables="x=1"))], {}, ACTION, "EnvironmentVariables"),
    ("CP-6", [stage("A", configured(BUILD, EnvironmentVariables='[{"name":"A","value":1}]'))], {}, ACTION, "EnvironmentVariables"),
    ("CP-6", [stage("A", configured(BUILD, PrimarySource="none"))], {}, ACTION, "names the artifact 'none' in 'PrimarySource'"),
    ("CP-6", [stage("A", configured(GREEN, Image1ArtifactName="image"))], {}, ACTION, "not one of its input artifacts"),
    ("CP-6", [], {"stages": [stage("Source", configured(GITHUB, FullRepositoryId="shop")), stage("A")]}, ACTION, "FullRepositoryId"),
    ("CP-6", [], {"stages": [stage("Source", configured(GITHUB, ConnectionArn="arn:x")), stage("A")]}, ACTION, "ConnectionArn"),
    ("CP-6", [], {"stages": [stage("Source", configured(GITHUB, OutputArtifactFormat="ZIP")), stage("A")]}, ACTION, "CODE_ZIP"),
    (
        "CP-7",
        [stage("A", {**BUILD, "inputArtifacts": []})],
        {},
        ACTION,
        "Action Build declares 0 input artifacts which is less than the minimum count (1)",
    ),
    (
        "CP-7",
        [stage("A", {**GREEN, "outputArtifacts": [{"name": "x"}]})],
        {},
        ACTION,
        "Action Deploy declares 1 output artifacts which is more than the maximum count (0)",
    ),
    ("CP-8", [stage("A", COMMANDS)], V1, ACTION, "Commands Action can only be used with V2 pipelines."),
    (
        "CP-1",
        [],
        {"stages": [stage("A", source()), stage("B", source(outputArtifacts=[{"name": "b"}]))]},
        STRUCTURE,
        "at least 1 action whose",
    ),
    (
        "CP-5",
        [],
        {"artifactStore": None, "artifactStores": {"eu-west-2": ELSEWHERE}},
        INVALID,
        "missing in 'pipeline.artifactStores': eu-west-1.",
    ),
    (
        "CP-5",
        [],
        {"artifactStore": None, "artifactStores": {"eu-west-1": {"type": "S3", "location": BUCKET}, "eu-nowhere-1": ELSEWHERE}},
        INVALID,
        "The region eu-nowhere-1 specified in 'pipeline.artifactStores' is not a valid AWS Region.",
    ),
    (
        "CP-8",
        [stage("A", beforeEntry=condition("FAIL", rule(**EQUAL)))],
        V1,
        STAGE,
        "Stage level conditions can only be used with V2 pipelines.",
    ),
    ("CP-8", [], {**V1, "variables": [{"name": "a"}]}, STRUCTURE, "Pipeline variable can only be used with V2 pipelines"),
    (
        "CP-10",
        [stage("A", onFailure={"result": "ROLLBACK", **condition("ROLLBACK", rule(**EQUAL))})],
        {},
        STAGE,
        "cannot have a failure exit gate configured with both top level result and conditions: 'A",
    ),
    ("CP-11", [stage("A", approval(roleArn=OTHER_ROLE))], {}, STRUCTURE, f"is not authorized to perform AssumeRole on role {OTHER_ROLE}"),
    ("CP-8", [], {"pipelineType": "V1"}, STRUCTURE, "QUEUED or PARALLEL mode can only be used with V2 pipelines"),
    (
        "CP-8",
        [],
        {"stages": FROM_GITHUB, "pipelineType": "V1", "triggers": [trigger(push=[{"tags": {"includes": ["v*"]}}])]},
        STRUCTURE,
        "Triggers on tag can only be used with V2 pipelines",
    ),
    (
        "CP-9",
        [],
        {"triggers": [trigger("Source")]},
        STRUCTURE,
        "Triggers for connections must reference a CodeStarSourceConnection action.",
    ),
    ("CP-9", [], {"stages": FROM_GITHUB, "triggers": [trigger(), trigger()]}, STRUCTURE, "more than one trigger per source action"),
    (
        "CP-9",
        [],
        {"stages": FROM_GITHUB, "triggers": [trigger(push=[{**PUSH, "tags": {"includes": ["v*"]}}])]},
        STRUCTURE,
        "Make sure to choose valid filter combinations.",
    ),
    ("CP-9", [], {"stages": FROM_GITHUB, "triggers": [trigger(push=[PUSH] * 4)]}, "ValidationException", "less than or equal to 3"),
    ("CP-10", [stage("A", onFailure={})], {}, STAGE, "either a result or conditions"),
    (
        "CP-10",
        [stage("A", onFailure={"result": "ROLLBACK"})],
        {"executionMode": "PARALLEL"},
        STAGE,
        "Failure conditions with rollback result type cannot be added to a PARALLEL pipeline.",
    ),
    ("CP-10", [stage("A", onFailure={"result": "FAIL", **RETRY})], {}, STAGE, "needs the result RETRY"),
    (
        "CP-10",
        [],
        {"variables": [{"name": "a"}, {"name": "a"}]},
        STRUCTURE,
        "Variable names must be unique. The following variable name is already in use: a",
    ),
    (
        "CP-17",
        [stage("A", approval(configuration={"CustomData": "#{None.Key}"}))],
        {},
        ACTION,
        "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following "
        "pipeline execution variables are referencing a namespace that does not exist.\nStageName=[A], ActionName=[Approve], "
        "ActionConfigurationKey=[CustomData], VariableReferenceText=[None.Key]",
    ),
    ("CP-17", [stage("A", approval(configuration={"CustomData": "#{variables.none}"}))], {}, ACTION, "a namespace that does not exist"),
    (
        "CP-17",
        [stage("A", approval(configuration={"CustomData": "#{variables.none}"}))],
        {"variables": [{"name": "a"}]},
        STRUCTURE,
        "The referenced variables haven't been declared.",
    ),
    (
        "CP-17",
        [],
        {"variables": [{"name": "a"}], "stages": [stage("S", configured(source(), S3ObjectKey="#{variables.a}")), stage("A")]},
        STRUCTURE,
        "Variables at the pipeline level cannot be used in source actions.",
    ),
    ("CP-17", [stage("A", approval(configuration={"CustomData": "#{Source}"}))], {}, ACTION, "separated by a period"),
    ("CP-6", [stage("A", approval(configuration={"NotificationArn": "topic"}))], {}, ACTION, "contains a format error."),
    (
        "CP-6",
        [stage("A", approval(configuration={"NotificationArn": "arn:aws:sqs:eu-west-1:1:q"}))],
        {},
        ACTION,
        "the AWS service",
    ),
    (
        "CP-6",
        [stage("A", approval(configuration={"NotificationArn": "arn:aws:sns:eu-west-2:1:t"}))],
        {},
        ACTION,
        "the same region",
    ),
    ("CP-17", [stage("A", approval(namespace="Source"))], {}, ACTION, "Namespaces must be unique"),
    ("CP-17", [stage("A", approval(namespace="codepipeline"))], {}, ACTION, "reserved"),
    ("CP-27", [stage("A", beforeEntry=condition("ROLLBACK", rule(**EQUAL)))], {}, STAGE, "FAIL, SKIP"),
    ("CP-27", [stage("A", beforeEntry=condition("SKIP", rule("CloudWatchAlarm", AlarmName="a")))], {}, STAGE, "SKIP"),
    ("CP-27", [stage("A", beforeEntry=condition("FAIL", rule("Nothing")))], {}, STAGE, "not available: 'Nothing'"),
    ("CP-27", [stage("A", beforeEntry=condition("FAIL", rule(**{**EQUAL, "Operator": "LT"})))], {}, STAGE, "EQ, NE, CONTAINS, MATCHES"),
    ("CP-27", [stage("A", beforeEntry=condition("FAIL", rule("CloudWatchAlarm")))], {}, STAGE, "'AlarmName'"),
    ("CP-27", [stage("A", beforeEntry=condition("FAIL", rule(**EQUAL), rule(**EQUAL)))], {}, STAGE, "more than once in a condition"),
    ("CP-28", [stage("A", {**COMMANDS, "commands": []})], {}, "ValidationException", "greater than or equal to 1"),
    (
        "CP-28",
        [stage("A", action("Run", "Compute/Commands", inputArtifacts=[{"name": "source"}]))],
        {},
        STRUCTURE,
        "non-empty commands field",
    ),
    ("CP-28", [stage("A", configured(COMMANDS, commands="true"))], {}, ACTION, "unknown configuration 'commands'"),
    ("CP-28", [stage("A", {**COMMANDS, "commands": ["a\nb"]})], {}, ACTION, "more than one line"),
    ("CP-28", [stage("A", {**BUILD, "commands": ["true"]})], {}, STRUCTURE, "cannot contain a commands field: Build"),
    (
        "CP-28",
        [stage("A", {**BUILD, "outputArtifacts": [{"name": "b", "files": ["x"]}]})],
        {},
        STRUCTURE,
        "cannot contain a commands field: Build",
    ),
    (
        "CP-28",
        [stage("A", {**COMMANDS, "environmentVariables": [{"name": "A", "value": "b", "type": "PARAMETER_STORE"}]})],
        {},
        "ValidationException",
        "PLAINTEXT, SECRETS_MANAGER",
    ),
    ("model", [], {"executionMode": "SERIAL"}, "ValidationException", "QUEUED, SUPERSEDED, PARALLEL"),
    ("model", [], {"name": "a/b"}, "ValidationException", "regular expression"),
]


@pytest.fixture
def prepared(emulated: Emulated) -> Pipelining:
    s3 = emulated.client("s3", region="eu-west-2")
    s3.create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    return prepare(emulated)


@pytest.mark.parametrize(("number", "stages", "members", "code", "words"), CASES)
def test_refused_structures(
    prepared: Pipelining, number: str, stages: list[dict[str, Any]], members: dict[str, Any], code: str, words: str
) -> None:
    refused = prepared.refused(*stages, **members)
    assert refused[0] == code and words in refused[1], refused
    assert prepared.api.list_pipelines()["pipelines"] == []


def test_a_role_that_cannot_be_assumed(prepared: Pipelining) -> None:
    absent = "arn:aws:iam::123456789012:role/absent"
    words = "CodePipeline is not authorized to perform AssumeRole on role"
    assert prepared.refused(roleArn=absent) == (STRUCTURE, f"{words} {absent}")
    other = roles.make(prepared.emulated, "codedeploy")
    assert prepared.refused(roleArn=other) == (STRUCTURE, f"{words} {other}")


def test_what_is_right_is_accepted(emulated: Emulated) -> None:
    """Every action of this collection's pipeline, and a trigger, in one structure."""
    made = prepare(emulated)
    builds = {**BUILD, "inputArtifacts": [{"name": "code"}], "outputArtifacts": [{"name": "build"}], "namespace": "Build"}
    runs = {
        **COMMANDS,
        "inputArtifacts": [{"name": "build"}],
        "environmentVariables": [
            {"name": "IMAGE", "value": "#{Build.IMAGE_URI}"},
            {"name": "ID", "value": "#{codepipeline.PipelineExecutionId}"},
        ],
    }
    deploys = configured(GREEN, TaskDefinitionTemplateArtifact="build", AppSpecTemplateArtifact="build", Image1ArtifactName="build")
    deploys = {**configured(deploys, Image1ContainerName="IMAGE1_NAME"), "inputArtifacts": [{"name": "build"}]}
    stages = [stage("Source", GITHUB), stage("Build", builds), stage("Migrate", runs), stage("Deploy", deploys)]
    declaration = made.declaration(stages=stages, triggers=[trigger(push=[{**PUSH, "filePaths": {"excludes": ["docs/**"]}}])])
    found = made.api.create_pipeline(pipeline=declaration)["pipeline"]
    assert found["triggers"] == declaration["triggers"]
    assert found["stages"][2]["actions"][0]["environmentVariables"][0]["type"] == "PLAINTEXT"
    declaration = made.declaration(name="other", stages=stages)
    push = made.api.create_pipeline(pipeline=declaration)["pipeline"]["triggers"][0]["gitConfiguration"]["push"]
    assert push == [{"branches": {"includes": ["main"]}}]
