"""codepipeline and _info against the emulated CodePipeline."""

from __future__ import annotations

import pytest

from tests.module import pipeline_stage
from tests.module.pipeline_stage import PROJECT, TAGS, Stage
from tests.support import roles
from tests.support.emulated import Emulated
from tests.support.pipelining import NAME
from tests.support.walk import differences


@pytest.fixture
def stage(emulated: Emulated) -> Stage:
    return pipeline_stage.build(emulated)


def updates(stage: Stage) -> int:
    return stage.emulated.writes().count("codepipeline:UpdatePipeline")


def test_check_create_again_change_delete(stage: Stage) -> None:
    before = len(stage.emulated.writes())
    predicted = stage.run(check=True)
    assert predicted["changed"] and [one["name"] for one in predicted["pipeline"]["stages"]] == ["Source", "Build", "Approve"]
    assert len(stage.emulated.writes()) == before

    created = stage.run()
    assert created["changed"] and differences("codepipeline", created) == []
    assert predicted["pipeline"].items() <= created["pipeline"].items()
    assert (created["pipeline"]["version"], created["pipeline"]["pipeline_type"]) == (1, "V2")
    again = stage.run()
    assert not again["changed"] and again["difference"] == {} and updates(stage) == 0


def test_a_change_waits_no_longer_than_is_said(stage: Stage) -> None:
    stage.run()
    stages = stage.options()["stages"]
    stages[2]["name"] = "Ask"
    changed = stage.run(stages=stages, wait_timeout=1)
    assert changed["failed"] and "is under way after" in changed["msg"] and updates(stage) == 0
    assert "it waits for an approval in Approve" in changed["msg"]


def test_a_change_waits_for_what_is_under_way_and_shows_what_it_is(stage: Stage) -> None:
    stage.run()
    stages = stage.options()["stages"]
    stages[1]["actions"][0]["configuration"]["ProjectName"] = PROJECT
    stages[2]["actions"][0]["timeout_minutes"] = 60
    refused = stage.run(stages=stages, if_running="refuse")
    assert refused["failed"] and "would cancel" in refused["msg"]
    stage.emulated.client("codepipeline").stop_pipeline_execution(
        pipelineName=NAME, pipelineExecutionId=stage.pipelining.latest(), abandon=True
    )
    stage.emulated.advance(60)
    shown = stage.run(stages=stages, check=True)
    path = "stages.Approve.actions.Approve.timeout_in_minutes"
    assert shown["difference"] == {path: {"before": None, "after": 60}}
    changed = stage.run(stages=stages, tags={**TAGS, "team": "checkout"})
    assert changed["changed"] and changed["pipeline"]["version"] == 2 and changed["pipeline"]["tags"]["team"] == "checkout"
    assert updates(stage) == 1

    found = stage.emulated.run("codepipeline_info", names=[NAME, "none"])
    assert differences("codepipeline_info", found) == [] and found["pipelines"] == [changed["pipeline"]]
    tagged = stage.run(stages=stages)
    assert tagged["changed"] and updates(stage) == 1 and tagged["pipeline"]["tags"] == TAGS
    assert stage.run(state="absent")["changed"] and not stage.run(state="absent")["changed"]


def test_what_only_aws_knows_is_said_before_the_first_write_all_at_once(stage: Stage) -> None:
    emulated = stage.emulated
    other = emulated.client("codeconnections").create_connection(ConnectionName="other", ProviderType="GitHub")["ConnectionArn"]
    roles.strip(emulated, "codepipeline")
    emulated.client("s3", "eu-west-2").create_bucket(Bucket="elsewhere", CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
    stages = stage.options()["stages"]
    stages[0]["actions"][0]["configuration"]["ConnectionArn"] = other
    stages[1]["actions"].append({**stages[1]["actions"][0], "name": "Other", "configuration": {"ProjectName": "none"}, "outputs": []})
    before = len(emulated.writes())
    failed = stage.run(stages=stages, artifact_bucket="elsewhere", image_repository="shop")
    assert failed["failed"] and len(emulated.writes()) == before
    said = failed["problems"]
    for words in (
        "artifact_bucket: elsewhere is in eu-west-2; a bucket in eu-west-1 is right",
        "connection other waits for its handshake",
        "configuration.ProjectName: none does not exist in eu-west-1",
        "may not use the artifacts in elsewhere; one of its policies must allow s3:GetObject, s3:PutObject",
        f"may not use the connection {other}",
        f"may not use the project {PROJECT}",
        "project shop-production-build, service_role_arn: build may not use the image repository shop; one of its policies must allow ecr:",
    ):
        assert [one for one in said if words in one], (words, said)
    assert stage.run(stages=stages, artifact_bucket="elsewhere", validate=False, check=True)["changed"]


def test_what_can_never_work_is_said_without_asking(stage: Stage) -> None:
    stages = stage.options()["stages"]
    stages[1]["actions"][0]["inputs"] = ["sources"]
    before = len(stage.emulated.writes())
    failed = stage.run(stages=stages)
    assert failed["problems"] == ["stage Build, action Build, inputs: sources is no output of an earlier action; source seems to be meant"]
    assert len(stage.emulated.writes()) == before


def test_a_lost_reply_and_a_fresh_role(stage: Stage) -> None:
    words = f"CodePipeline is not authorized to perform AssumeRole on role {stage.pipelining.role}"
    fresh = {
        "fault": "refuse",
        "operation": "codepipeline:CreatePipeline",
        "first": 1,
        "code": "InvalidStructureException",
        "message": words,
    }
    stage.emulated.faults(fresh)
    assert stage.run()["changed"]
    assert stage.run(state="absent")["changed"]
    stage.emulated.faults({"fault": "lost", "operation": "codepipeline:CreatePipeline", "first": 1})
    assert stage.run()["pipeline"]["arn"]
    assert not stage.run()["changed"]


def test_one_of_somebody_else_is_refused(stage: Stage) -> None:
    stage.run(tags={"team": "other"})
    failed = stage.run()
    assert failed["failed"] and "not ours" in failed["msg"] and "codepipeline tag-resource" in failed["msg"]
