"""Each wrong configuration that is named before AWS is asked, and the sentence for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._codepipeline import rules

from .structures import REGION, action, declared, given

Change = Callable[[dict[str, Any]], object]


def problems(change: Change) -> list[str]:
    wanted = given()
    change(wanted)
    return list(rules.problems(declared(wanted), REGION))


def of(stage: str, **members: Any) -> Change:
    """Change options of the first action of a stage."""
    return lambda wanted: action(wanted, stage).update(members)


def configured(stage: str, **members: Any) -> Change:
    """Change the configuration of the first action of a stage; None takes a key away."""

    def change(wanted: dict[str, Any]) -> None:
        one = action(wanted, stage)
        merged = {**(one["configuration"] or {}), **members}
        one["configuration"] = {key: value for key, value in merged.items() if value is not None}

    return change


def whole(**members: Any) -> Change:
    return lambda wanted: wanted.update(members)


def staged(stage: str, **members: Any) -> Change:
    return lambda wanted: next(one for one in wanted["stages"] if one["name"] == stage).update(members)


def trigger(*push: dict[str, Any], source: str = "Source", **more: Any) -> Change:
    return whole(triggers=[{"source_action": source, "push": list(push) or None, **more}])


def moved(wanted: dict[str, Any]) -> None:
    """Build after Migrate."""
    wanted["stages"][1], wanted["stages"][2] = wanted["stages"][2], wanted["stages"][1]


def both(*changes: Change) -> Change:
    return lambda wanted: [change(wanted) for change in changes]


BRANCHES, TAGS = {"branches": {"includes": ["main"]}}, {"tags": {"includes": ["v*"]}}
LONG = "x" * 1001
SKIPS = {"conditions": [{"result": "SKIP", "rules": [{"name": "r", "rule_type_id": {"category": "Rule", "provider": "CloudWatchAlarm"}}]}]}
CASES: list[tuple[str, Change, str]] = [
    # The whole.
    ("name", whole(name="shop production"), "name: 'shop production' is no name for AWS"),
    ("stage-name", staged("Build", name="Build!"), "stage Build!, name: 'Build!' is no name for AWS"),
    ("same-stage", staged("Approve", name="Build"), "stages: the name Build is there more than once"),
    (
        "same-action",
        lambda w: w["stages"][3]["actions"].append(dict(w["stages"][3]["actions"][0])),
        "stage Approve: the action Approve is there",
    ),
    ("one-stage", lambda w: w.update(stages=w["stages"][:1], triggers=[]), "stages: 1; AWS takes 2 to 50"),
    ("no-action", staged("Approve", actions=[]), "stage Approve: 0 actions; AWS takes 1 to 50"),
    (
        "source-later",
        of("Approve", category="Source", provider="S3"),
        "stage Approve, action Approve: its category is Source; actions of Source",
    ),
    ("first-not-source", lambda w: w["stages"].reverse(), "stage Deploy, action Deploy: its category is Deploy; the first stage"),
    ("role", whole(role_arn="shop-production-pipeline"), "role_arn: shop-production-pipeline is no ARN of a role"),
    ("action-role", of("Migrate", role_arn="step"), "stage Migrate, action Migrate, role_arn: step is no ARN"),
    ("bucket", whole(artifact_bucket="s3://shop"), "artifact_bucket: s3://shop is no name of a bucket"),
    ("masked", configured("Build", Token="*****"), "stage Build, action Build, configuration.Token: only asterisks"),
    ("v1-triggers", whole(pipeline_type="V1", execution_mode="SUPERSEDED"), "pipeline_type: V1 knows no triggers; V2 does"),
    ("v1-queued", whole(pipeline_type="V1"), "pipeline_type: V1 knows no execution_mode QUEUED; V2 does"),
    ("v1-commands", whole(pipeline_type="V1"), "stage Migrate, action Migrate, provider: Commands is for pipelines of type V2 only"),
    (
        "v1-condition",
        both(whole(pipeline_type="V1"), staged("Deploy", on_failure={"result": "ROLLBACK"})),
        "V1 knows no on_failure of stage Deploy",
    ),
    ("variable-twice", whole(variables=[{"name": "A"}, {"name": "A"}]), "variables: A is there more than once"),
    ("variable-name", whole(variables=[{"name": "A B"}]), "variables: 'A B' is no name"),
    ("variable-long", whole(variables=[{"name": "A", "default_value": LONG}]), "variables: the default of A has 1001 characters"),
    (
        "rollback-parallel",
        both(whole(execution_mode="PARALLEL"), staged("Deploy", on_failure={"result": "ROLLBACK"})),
        "stage Deploy, on_failure: ROLLBACK with execution_mode PARALLEL",
    ),
    (
        "result-place",
        staged("Deploy", before_entry={"conditions": [{"result": "RETRY", "rules": []}]}),
        "before_entry: the result RETRY; AWS takes FAIL",
    ),
    ("skip", staged("Deploy", before_entry=SKIPS), "stage Deploy, before_entry: SKIP with a rule of CloudWatchAlarm"),
    (
        "two-ways",
        staged("Deploy", on_failure={"result": "FAIL", **SKIPS}),
        "stage Deploy, on_failure: result and conditions; AWS takes one",
    ),
    # Providers and their configuration.
    (
        "category",
        of("Build", category="Deploy"),
        "stage Build, action Build, provider: AWS has no CodeBuild of the category Deploy; Build or Test",
    ),
    (
        "provider",
        of("Deploy", provider="CodeDeployToEcs"),
        "stage Deploy, action Deploy, provider: AWS has no CodeDeployToEcs; CodeDeployToECS seems",
    ),
    (
        "missing-key",
        configured("Build", ProjectName=None, ProjctName="x"),
        "configuration: ProjectName is missing, which CodeBuild needs; ProjctName seems",
    ),
    ("missing-branch", configured("Source", BranchName=None), "stage Source, action Source, configuration: BranchName is missing"),
    (
        "deploy-key",
        configured("Deploy", DeploymentGroupName=None),
        "configuration: DeploymentGroupName is missing, which CodeDeployToECS needs",
    ),
    ("empty-value", configured("Build", PrimarySource=""), "configuration.PrimarySource: 0 characters; AWS takes 1 to 1000; leave it out"),
    (
        "variables-long",
        configured("Build", EnvironmentVariables=[{"name": f"VARIABLE_{number}", "value": "x" * 40} for number in range(20)]),
        "stage Build, action Build, configuration.EnvironmentVariables: 1",
    ),
    ("variables-json", configured("Build", EnvironmentVariables="[{name: A}]"), "configuration.EnvironmentVariables: no JSON"),
    (
        "variables-list",
        configured("Build", EnvironmentVariables={"A": "1"}),
        "configuration.EnvironmentVariables: it must be a list of {name, value",
    ),
    (
        "variables-own",
        configured("Build", EnvironmentVariables=[{"name": "CODEBUILD_X", "value": "1"}]),
        "EnvironmentVariables: CODEBUILD_X begins with CODEBUILD_",
    ),
    (
        "message",
        configured("Build", EnvironmentVariables=[{"name": "SUBJECT", "value": "#{Source.CommitMessage}"}]),
        "EnvironmentVariables: SUBJECT has the commit's message in it",
    ),
    ("repository", configured("Source", FullRepositoryId="shop"), "configuration.FullRepositoryId: shop; owner and name are right"),
    (
        "repository-url",
        configured("Source", FullRepositoryId="https://github.com/acme/shop"),
        "https://github.com/acme/shop; owner and name",
    ),
    ("connection", configured("Source", ConnectionArn="shop"), "configuration.ConnectionArn: shop is no ARN of a connection"),
    (
        "connection-region",
        configured("Source", ConnectionArn="arn:aws:codestar-connections:us-east-1:123456789012:connection/1"),
        "configuration.ConnectionArn: it is in us-east-1, and the action in eu-west-1",
    ),
    ("order", of("Build", run_order=0), "stage Build, action Build, run_order: 0; AWS takes 1 to 999"),
    ("timeout", of("Build", timeout_minutes=10), "stage Build, action Build, timeout_minutes: only an approval may set it"),
    ("timeout-short", of("Approve", timeout_minutes=1), "stage Approve, action Approve, timeout_minutes: 1; AWS takes 5 to 86400"),
    ("namespace-twice", of("Build", namespace="Source"), "namespace: Source belongs to more than one action"),
    ("namespace-name", of("Build", namespace="a b"), "stage Build, action Build, namespace: 'a b'"),
    (
        "reference",
        of("Migrate", environment_variables=[{"name": "A", "value": "#{build.IMAGE}"}]),
        "stage Migrate, action Migrate: #{build.IMAGE} names no namespace of an action; Build seems to be meant",
    ),
    ("reference-variable", configured("Build", X="#{variables.NONE}"), "#{variables.NONE} is none of the pipeline's variables"),
    # Commands.
    (
        "commands-misplaced",
        of("Migrate", configuration={"commands": "ls"}),
        "stage Migrate, action Migrate, configuration: commands stands in it",
    ),
    ("commands-none", of("Migrate", commands=[]), "stage Migrate, action Migrate, commands: 0; AWS takes 1 to 50"),
    ("commands-many", of("Migrate", commands=["ls"] * 51), "commands: 51; AWS takes 1 to 50"),
    ("commands-long", of("Migrate", commands=[LONG]), "commands: the 1. has 1001 characters; AWS takes 1 to 1000"),
    ("commands-lines", of("Migrate", commands=["a", "b\nc"]), "commands: the 2. has several lines"),
    (
        "parameter-store",
        of("Migrate", environment_variables=[{"name": "A", "value": "/x", "type": "PARAMETER_STORE"}]),
        "environment_variables: A is of the type PARAMETER_STORE; SECRETS_MANAGER is right, or the command reads",
    ),
    (
        "many-variables",
        of("Migrate", environment_variables=[{"name": f"A{number}", "value": "1"} for number in range(11)]),
        "environment_variables: 11; AWS takes at most 10",
    ),
    (
        "same-variable",
        of("Migrate", environment_variables=[{"name": "A", "value": "1"}] * 2),
        "environment_variables: A is there more than once",
    ),
    ("bad-variable", of("Migrate", environment_variables=[{"name": "A-B", "value": "1"}]), "environment_variables: 'A-B' is no name"),
    ("many-outputs", of("Migrate", output_variables=[f"A{number}" for number in range(16)]), "output_variables: 16; AWS takes at most 15"),
    ("commands-elsewhere", of("Build", commands=["ls"]), "stage Build, action Build, commands: CodeBuild takes none"),
    (
        "variables-elsewhere",
        of("Build", environment_variables=[{"name": "A", "value": "1"}]),
        "stage Build, action Build, environment_variables: CodeBuild takes none, only Commands of the category Compute does; conf",
    ),
    (
        "files",
        of("Build", outputs=[{"name": "build", "files": ["a"]}]),
        "stage Build, action Build, outputs: build has files, which only Commands",
    ),
    ("many-files", of("Migrate", outputs=[{"name": "m", "files": ["a"] * 11}]), "outputs: m has 11 files; AWS takes at most 10"),
    # Artifacts.
    (
        "no-such-output",
        of("Build", inputs=["sources"]),
        "stage Build, action Build, inputs: sources is no output of an earlier action; source seems",
    ),
    ("later-output", moved, "stage Migrate, action Migrate, inputs: build is made later or at the same time"),
    (
        "output-twice",
        of("Build", outputs=["source"]),
        "stage Build, action Build, outputs: source is made by stage Source, action Source already",
    ),
    ("output-name", of("Source", outputs=["source.zip"]), "stage Source, action Source, outputs: 'source.zip' is no name of an artifact"),
    ("no-input", of("Migrate", inputs=[]), "stage Migrate, action Migrate, inputs: 0; Commands takes 1 to 10"),
    ("approval-input", of("Approve", inputs=["build"]), "stage Approve, action Approve, inputs: 1; Manual takes 0"),
    ("source-output", of("Source", outputs=[]), "stage Source, action Source, outputs: 0; CodeStarSourceConnection takes 1"),
    (
        "primary",
        lambda w: w["stages"][3].update(
            actions=[{**action(w, "Build"), "name": "Again", "inputs": ["source", "build"], "outputs": [], "namespace": None}]
        ),
        "stage Approve, action Again, configuration.PrimarySource: missing with 2 inputs",
    ),
    ("primary-other", configured("Build", PrimarySource="build"), "configuration.PrimarySource: build is none of the inputs; source are"),
    (
        "clone",
        both(configured("Source", OutputArtifactFormat="CODEBUILD_CLONE_REF"), of("Migrate", inputs=["source"])),
        "stage Migrate, action Migrate, inputs: source is a reference (CODEBUILD_CLONE_REF), which only CodeBuild can read",
    ),
    # Deploy.
    (
        "artifact-no-input",
        configured("Deploy", AppSpecTemplateArtifact="spec"),
        "configuration.AppSpecTemplateArtifact: spec is none of the inputs; build",
    ),
    ("image-no-container", configured("Deploy", Image1ContainerName=None), "configuration: Image1ArtifactName without Image1ContainerName"),
    ("five-images", configured("Deploy", Image5ArtifactName="build"), "configuration.Image5ArtifactName: AWS takes at most 4 images"),
    (
        "image-detail",
        of("Deploy", provider="ECS", configuration={"ClusterName": "c", "ServiceName": "s", "FileName": "imageDetail.json"}),
        "configuration.FileName: imageDetail.json is for CodeDeployToECS; ECS reads imagedefinitions.json",
    ),
    # Triggers.
    (
        "trigger-both",
        trigger({**BRANCHES, **TAGS}),
        "trigger of Source, push, filter 1: tags and branches in one filter; write two filters",
    ),
    (
        "trigger-source",
        trigger(BRANCHES, source="Build"),
        "triggers: Build is no source action with a connection (CodeStarSourceConnection); Source",
    ),
    ("trigger-twice", lambda w: w["triggers"].append(w["triggers"][0]), "triggers: the source action Source has more than one"),
    ("trigger-filters", trigger(*[BRANCHES] * 4), "trigger of Source, push: 4 filters; AWS takes at most 3"),
    ("trigger-empty", trigger({}), "trigger of Source, push, filter 1: it is empty"),
    (
        "trigger-patterns",
        trigger({"branches": {"includes": [f"b{number}" for number in range(9)]}}),
        "branches.includes: 9 patterns; AWS takes 1 to 8",
    ),
    (
        "trigger-wins",
        trigger({"branches": {"includes": ["a"], "excludes": ["a"]}}),
        "branches: a is included and excluded, and exclusion wins",
    ),
]


def test_what_is_right_has_no_problem() -> None:
    assert problems(lambda wanted: None) == []


@pytest.mark.parametrize(("change", "said"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_what_is_wrong_is_said(change: Change, said: str) -> None:
    found = problems(change)
    assert any(said in one for one in found), found


@pytest.mark.parametrize(
    "change",
    [
        trigger(BRANCHES, TAGS),
        trigger({**BRANCHES, "file_paths": {"includes": ["app/**"]}}),
        trigger(pull_request=[{"events": ["OPEN"], **BRANCHES}]),
        configured("Source", FullRepositoryId="Acme/sub/shop"),
        configured(
            "Build",
            EnvironmentVariables=[
                {"name": "A", "value": "#{variables.REASON}"},
                {"name": "B", "value": "#{codepipeline.PipelineExecutionId}"},
            ],
        ),
        of("Migrate", outputs=[{"name": "migrated", "files": ["out"]}], output_variables=["VERSION"]),
        staged("Build", on_failure={"result": "RETRY", "retry_configuration": {"retry_mode": "ALL_ACTIONS"}}),
        staged("Deploy", on_failure={"result": "ROLLBACK"}),
        whole(triggers=None, variables=None),
    ],
)
def test_what_is_right_is_not_refused(change: Change) -> None:
    assert problems(change) == []
