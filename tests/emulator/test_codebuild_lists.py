"""What else CodeBuild has: lists of builds, retries and tokens, report groups, credentials, webhooks, fleets, batches."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.support import building, roles
from tests.support.building import Builds, arn, spec
from tests.support.emulated import Emulated

pytestmark = pytest.mark.usefixtures("slowly")
GONE = "11111111-1111-1111-1111-111111111111"


@pytest.fixture
def builds(emulated: Emulated) -> Builds:
    building.project(emulated)
    return Builds(emulated)


def test_lists_of_builds(builds: Builds) -> None:
    client = builds.emulated.client("codebuild")
    building.project(builds.emulated, "other")
    first, second = builds.start(), builds.start()
    other = Builds(builds.emulated, "other").start()
    assert client.list_builds()["ids"] == [other, second, first]
    assert client.list_builds(sortOrder="ASCENDING")["ids"] == [first, second, other]
    assert client.list_builds_for_project(projectName="shop")["ids"] == [second, first]
    assert builds.shown(second)["buildNumber"] == 2
    assert builds.shown(other)["buildNumber"] == 1
    found = client.batch_get_builds(ids=[first, f"shop:{GONE}", arn(f"build/{second}")])
    assert [build["id"] for build in found["builds"]] == [first, second]
    assert found["buildsNotFound"] == [f"shop:{GONE}"]
    refused = builds.emulated.refused
    assert refused("codebuild", "batch_get_builds", ids=["x"])[0] == "InvalidInputException"
    assert refused("codebuild", "batch_get_builds", ids=[])[0] == "InvalidInputException"
    assert refused("codebuild", "list_builds_for_project", projectName="none")[0] == "ResourceNotFoundException"
    assert refused("codebuild", "start_build", projectName="none")[0] == "ResourceNotFoundException"
    assert refused("codebuild", "stop_build", id=f"shop:{GONE}")[0] == "ResourceNotFoundException"
    deleted = client.batch_delete_builds(ids=[first, f"shop:{GONE}"])
    assert deleted["buildsNotDeleted"] == [
        {"id": first, "statusCode": "BUILD_IN_PROGRESS"},
        {"id": f"shop:{GONE}", "statusCode": "BUILD_NOT_FOUND"},
    ]
    builds.emulated.advance(60)
    assert client.batch_delete_builds(ids=[first])["buildsDeleted"] == [arn(f"build/{first}")]
    assert client.list_builds_for_project(projectName="shop")["ids"] == [second]


def test_a_token_and_a_retry(builds: Builds) -> None:
    client = builds.emulated.client("codebuild")
    first = builds.start(idempotencyToken="t")
    assert builds.start(idempotencyToken="t") == first
    refused = builds.emulated.refused
    assert refused("codebuild", "start_build", projectName="shop", idempotencyToken="t", sourceVersion="x")[0] == "InvalidInputException"
    assert refused("codebuild", "retry_build", id=first)[0] == "InvalidInputException"
    builds.emulated.advance(301)
    assert builds.start(idempotencyToken="t") != first
    failed = builds.run("false")
    again = client.retry_build(id=failed["id"])["build"]
    assert (again["id"] != failed["id"], again["buildNumber"]) == (True, 4)
    builds.emulated.advance(60)
    assert builds.shown(again["id"])["buildStatus"] == "FAILED"


def test_a_limit_of_builds_at_a_time(builds: Builds) -> None:
    builds.emulated.client("codebuild").update_project(name="shop", concurrentBuildLimit=1)
    builds.start()
    assert builds.emulated.refused("codebuild", "start_build", projectName="shop")[0] == "AccountLimitExceededException"
    builds.emulated.advance(60)
    builds.start()


def test_a_build_of_a_pipelines_project_is_started_with_another_source(builds: Builds) -> None:
    pipeline = {"source": {"type": "CODEPIPELINE", "buildspec": spec("true")}, "artifacts": {"type": "CODEPIPELINE"}}
    builds.emulated.client("codebuild").update_project(name="shop", **pipeline)
    assert builds.emulated.refused("codebuild", "start_build", projectName="shop")[0] == "InvalidInputException"
    half: dict[str, Any] = {"projectName": "shop", "sourceTypeOverride": "NO_SOURCE"}
    assert "both sourceType, and artifactType" in builds.emulated.refused("codebuild", "start_build", **half)[1]
    ended = builds.run(sourceTypeOverride="NO_SOURCE", artifactsOverride={"type": "NO_ARTIFACTS"})
    assert (ended["buildStatus"], ended["source"]["type"]) == ("SUCCEEDED", "NO_SOURCE")


def test_a_build_that_waits_for_too_long(builds: Builds) -> None:
    """AWS's time goes on while it waits for AWS, and ends it."""
    roles.put(builds.emulated, "build", "codebuild:ListProjects", name="waits")
    ended = builds.run("while true; do aws codebuild list-projects > listed; done", timeoutInMinutesOverride=5)
    while ended["buildStatus"] == "IN_PROGRESS":
        builds.emulated.advance(10)
        ended = builds.shown(ended["id"])
    assert ended["buildStatus"] == "TIMED_OUT"
    assert building.phases(ended)["BUILD"] == "TIMED_OUT"
    assert "Build has timed out" in building.cause(ended)


@pytest.mark.parametrize(
    ("overrides", "words"),
    [
        ({"sourceTypeOverride": "S3"}, "Project source location is required"),
        ({"artifactsOverride": {"type": "S3"}}, "location is required for artifact type S3"),
        ({"imageOverride": "aws/codebuild/amazonlinux-aarch64-standard:3.0"}, "is not supported for environment type LINUX_CONTAINER"),
        ({"imagePullCredentialsTypeOverride": "SERVICE_ROLE"}, "cannot use a CodeBuild curated image"),
        ({"environmentVariablesOverride": [{"name": "A", "value": "1"}] * 2}, "Duplicate environment variable name: A"),
        ({"timeoutInMinutesOverride": 4}, "greater than or equal to 5"),
        ({"secondarySourcesOverride": [{"type": "S3", "location": "files/a", "sourceIdentifier": "a-b"}]}, "only alphanumeric characters"),
    ],
)
def test_overrides_that_are_refused(builds: Builds, overrides: dict[str, Any], words: str) -> None:
    code, message = builds.emulated.refused("codebuild", "start_build", projectName="shop", **overrides)
    assert code == "InvalidInputException" and words in message


def test_report_groups(emulated: Emulated) -> None:
    client, given = emulated.client("codebuild"), {"name": "unit", "type": "TEST", "exportConfig": {"exportConfigType": "NO_EXPORT"}}
    made = client.create_report_group(**given, tags=[{"key": "a", "value": "1"}])["reportGroup"]
    assert (made["arn"], made["status"]) == (arn("report-group/unit"), "ACTIVE")
    assert emulated.refused("codebuild", "create_report_group", **given)[0] == "ResourceAlreadyExistsException"
    assert client.list_report_groups()["reportGroups"] == [made["arn"]]
    found = client.batch_get_report_groups(reportGroupArns=[made["arn"], "none"])
    assert ([each["name"] for each in found["reportGroups"]], found["reportGroupsNotFound"]) == (["unit"], ["none"])
    assert client.update_report_group(arn=made["arn"], tags=[])["reportGroup"]["tags"] == []
    assert client.list_reports_for_report_group(reportGroupArn=made["arn"])["reports"] == []
    client.delete_report_group(arn=made["arn"])
    client.delete_report_group(arn=made["arn"])
    assert emulated.refused("codebuild", "update_report_group", arn=made["arn"])[0] == "ResourceNotFoundException"


def test_source_credentials(emulated: Emulated) -> None:
    client, given = emulated.client("codebuild"), {"token": "x", "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    made = client.import_source_credentials(**given)["arn"]
    assert made == arn("token/github")
    assert client.import_source_credentials(**given)["arn"] == made
    refused = emulated.refused("codebuild", "import_source_credentials", **given, shouldOverwrite=False)
    assert refused[0] == "ResourceAlreadyExistsException"
    shown = {"arn": made, "serverType": "GITHUB", "authType": "PERSONAL_ACCESS_TOKEN"}
    assert client.list_source_credentials()["sourceCredentialsInfos"] == [shown]
    client.delete_source_credentials(arn=made)
    assert emulated.refused("codebuild", "delete_source_credentials", arn=made)[0] == "ResourceNotFoundException"


def test_webhooks(builds: Builds) -> None:
    client, refused = builds.emulated.client("codebuild"), builds.emulated.refused
    assert refused("codebuild", "create_webhook", projectName="shop")[0] == "InvalidInputException"
    assert refused("codebuild", "create_webhook", projectName="none")[0] == "ResourceNotFoundException"
    client.update_project(name="shop", source={"type": "GITHUB", "location": "https://github.com/acme/shop"})
    groups = [[{"type": "EVENT", "pattern": "PUSH"}]]
    made = client.create_webhook(projectName="shop", filterGroups=groups)["webhook"]
    assert made["secret"]
    assert refused("codebuild", "create_webhook", projectName="shop")[0] == "ResourceAlreadyExistsException"
    shown = client.batch_get_projects(names=["shop"])["projects"][0]["webhook"]
    assert (shown["filterGroups"], "secret" in shown) == (groups, False)
    assert "secret" in client.update_webhook(projectName="shop", rotateSecret=True)["webhook"]
    client.delete_webhook(projectName="shop")
    assert refused("codebuild", "delete_webhook", projectName="shop")[0] == "ResourceNotFoundException"


def test_fleets(emulated: Emulated) -> None:
    client = emulated.client("codebuild")
    given = {"name": "own", "baseCapacity": 1, "environmentType": "LINUX_CONTAINER", "computeType": "BUILD_GENERAL1_SMALL"}
    made = client.create_fleet(**given)["fleet"]
    assert made["status"] == {"statusCode": "CREATING"}
    assert emulated.refused("codebuild", "create_fleet", **given)[0] == "ResourceAlreadyExistsException"
    emulated.advance(61)
    assert client.batch_get_fleets(names=["own", "none"])["fleets"][0]["status"] == {"statusCode": "ACTIVE"}
    assert client.list_fleets()["fleets"] == [made["arn"]]
    assert client.update_fleet(arn=made["arn"], baseCapacity=2)["fleet"]["baseCapacity"] == 2
    client.delete_fleet(arn=made["arn"])
    assert emulated.refused("codebuild", "update_fleet", arn=made["arn"])[0] == "ResourceNotFoundException"


def test_policies_of_projects(builds: Builds) -> None:
    client, place = builds.emulated.client("codebuild"), arn("project/shop")
    assert builds.emulated.refused("codebuild", "get_resource_policy", resourceArn=place)[0] == "ResourceNotFoundException"
    policy = json.dumps({"Statement": []})
    assert client.put_resource_policy(resourceArn=place, policy=policy)["resourceArn"] == place
    assert client.get_resource_policy(resourceArn=place)["policy"] == policy
    client.delete_resource_policy(resourceArn=place)
    assert builds.emulated.refused("codebuild", "put_resource_policy", resourceArn=arn("project/none"), policy=policy)[0]


def test_what_there_is_none_of(builds: Builds) -> None:
    client, refused = builds.emulated.client("codebuild"), builds.emulated.refused
    assert client.list_build_batches()["ids"] == []
    assert client.list_build_batches_for_project(projectName="shop")["ids"] == []
    assert client.batch_get_build_batches(ids=["shop:1"])["buildBatchesNotFound"] == ["shop:1"]
    assert refused("codebuild", "start_build_batch", projectName="shop")[0] == "InvalidInputException"
    assert refused("codebuild", "stop_build_batch", id="shop:1")[0] == "ResourceNotFoundException"
    assert client.list_reports()["reports"] == client.list_shared_projects()["projects"] == []
    assert client.list_curated_environment_images()["platforms"]
    shown = client.update_project_visibility(projectArn=arn("project/shop"), projectVisibility="PUBLIC_READ")
    assert shown["publicProjectAlias"]
    client.invalidate_project_cache(projectName="shop")
    assert refused("codebuild", "invalidate_project_cache", projectName="none")[0] == "ResourceNotFoundException"
