"""CodeBuild's projects as AWS has them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import building, roles
from tests.support.building import ENVIRONMENT, IMAGE, arn, spec
from tests.support.emulated import Emulated

PIPELINE: dict[str, Any] = {"source": {"type": "CODEPIPELINE", "buildspec": "ci.yml"}, "artifacts": {"type": "CODEPIPELINE"}}


def test_what_is_read_back(emulated: Emulated) -> None:
    variables = [{"name": "A", "value": "1"}]
    made = building.project(emulated, **PIPELINE, environment={**ENVIRONMENT, "environmentVariables": variables})
    shown = emulated.client("codebuild").batch_get_projects(names=["shop", "none"])
    assert shown["projectsNotFound"] == ["none"]
    assert shown["projects"] == [made]
    assert made.pop("created") == made.pop("lastModified")
    assert made == {
        "name": "shop",
        "arn": arn("project/shop"),
        "source": {"type": "CODEPIPELINE", "buildspec": "ci.yml", "insecureSsl": False},
        "artifacts": {"type": "CODEPIPELINE", "name": "shop", "packaging": "NONE", "encryptionDisabled": False},
        "cache": {"type": "NO_CACHE"},
        "environment": {
            **ENVIRONMENT,
            "environmentVariables": [{"name": "A", "value": "1", "type": "PLAINTEXT"}],
            "privilegedMode": False,
            "imagePullCredentialsType": "CODEBUILD",
        },
        "serviceRole": "arn:aws:iam::123456789012:role/build",
        "timeoutInMinutes": 60,
        "queuedTimeoutInMinutes": 480,
        "encryptionKey": "arn:aws:kms:eu-west-1:123456789012:alias/aws/s3",
        "tags": [],
        "badge": {"badgeEnabled": False},
        "projectVisibility": "PRIVATE",
    }


def network(emulated: Emulated) -> dict[str, Any]:
    """A VPC with a subnet, and its default group."""
    ec2 = emulated.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    groups = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    return {"vpcId": vpc, "subnets": [subnet], "securityGroupIds": [groups[0]["GroupId"]]}


def test_a_network_that_is_not_there(emulated: Emulated) -> None:
    vpc = network(emulated)
    building.project(emulated)
    roles.put(emulated, "build", "ec2:DescribeSecurityGroups", name="network")
    for change, words in (({"vpcId": "vpc-1"}, "the VPC vpc-1 does not exist"), ({"subnets": ["subnet-1"]}, "subnet-1 does not exist in")):
        assert words in emulated.refused("codebuild", "update_project", name="shop", vpcConfig={**vpc, **change})[1]


def test_objects_are_replaced_whole_and_what_is_not_said_is_kept(emulated: Emulated) -> None:
    vpc = network(emulated)
    building.role(emulated)
    roles.put(emulated, "build", "ec2:DescribeSecurityGroups", name="network")
    building.project(emulated, description="a", tags=[{"key": "a", "value": "1"}], vpcConfig=vpc, concurrentBuildLimit=2)
    client = emulated.client("codebuild")
    before = client.batch_get_projects(names=["shop"])["projects"][0]
    emulated.advance(5)
    source = {"type": "GITHUB", "location": "https://github.com/acme/shop.git"}
    changed = client.update_project(name="shop", source=source, vpcConfig={}, concurrentBuildLimit=-1)["project"]
    assert changed["source"] == {
        **source,
        "gitCloneDepth": 1,
        "gitSubmodulesConfig": {"fetchSubmodules": False},
        "insecureSsl": False,
        "reportBuildStatus": False,
    }
    assert not {"vpcConfig", "concurrentBuildLimit"} & set(changed)
    assert (changed["description"], changed["tags"]) == (before["description"], before["tags"])
    assert changed["lastModified"] > before["lastModified"]
    assert client.update_project(name="shop", tags=[])["project"]["tags"] == []
    assert emulated.refused("codebuild", "update_project", name="none")[0] == "ResourceNotFoundException"


def test_names_and_deletion(emulated: Emulated) -> None:
    building.project(emulated)
    with pytest.raises(
        emulated.client("codebuild").exceptions.ResourceAlreadyExistsException, match=f"Project already exists: {arn('project/shop')}"
    ):
        building.project(emulated)
    client = emulated.client("codebuild")
    client.delete_project(name="shop")
    client.delete_project(name="shop")
    assert client.batch_get_projects(names=["shop"])["projectsNotFound"] == ["shop"]


def test_lists_in_order_and_pages_of_a_hundred(emulated: Emulated) -> None:
    client = emulated.client("codebuild")
    for number in range(101):
        building.project(emulated, f"p{number:03}")
    first = client.list_projects()
    assert (len(first["projects"]), first["projects"][0]) == (100, "p000")
    assert client.list_projects(nextToken=first["nextToken"])["projects"] == ["p100"]
    assert client.list_projects(sortBy="CREATED_TIME", sortOrder="DESCENDING")["projects"][0] == "p100"
    assert emulated.refused("codebuild", "list_projects", nextToken="x")[0] == "InvalidInputException"
    assert emulated.refused("codebuild", "batch_get_projects", names=[f"p{number}" for number in range(101)])[0] == "InvalidInputException"
    assert emulated.refused("codebuild", "batch_get_projects", names=[])[0] == "InvalidInputException"


LONG = "x" * 300
VARIABLE = {"name": "A", "value": "1"}
CASES: list[tuple[dict[str, Any], str]] = [
    (
        {"source": {"type": "CODEPIPELINE"}},
        "Invalid input: when using CodePipeline both sourceType, and artifactType must be set to: CODEPIPELINE",
    ),
    ({"artifacts": {"type": "NO_ARTIFACTS", "location": "b"}}, "artifact type NO_ARTIFACTS should have null location"),
    ({"artifacts": {"type": "S3"}}, "location is required for artifact type S3"),
    ({"cache": {"type": "LOCAL"}}, "at least one cache mode"),
    ({**PIPELINE, "badgeEnabled": True}, "Build badges are not supported"),
    ({"description": LONG}, "length less than or equal to 255"),
    ({"name": "-shop"}, "regular expression"),
    ({"timeoutInMinutes": 4}, "greater than or equal to 5"),
    ({"queuedTimeoutInMinutes": 481}, "less than or equal to 480"),
    ({"concurrentBuildLimit": 0}, "concurrentBuildLimit"),
    ({"source": {"type": "NO_SOURCE"}}, "buildspec is required"),
    ({"source": {"type": "GITHUB"}}, "Project source location is required"),
    ({"source": {"type": "GITHUB", "location": "git@github.com:acme/shop"}}, "GitHub repository URL"),
    ({"environment": {**ENVIRONMENT, "imagePullCredentialsType": "SERVICE_ROLE"}}, "cannot use a CodeBuild curated image"),
    ({"environment": {**ENVIRONMENT, "type": "ARM_CONTAINER"}}, f"image {IMAGE} is not supported for environment type ARM_CONTAINER"),
    ({"environment": {**ENVIRONMENT, "computeType": "BUILD_LAMBDA_1GB"}}, "compute type BUILD_LAMBDA_1GB is not supported"),
    ({"environment": {**ENVIRONMENT, "environmentVariables": [VARIABLE, VARIABLE]}}, "Duplicate environment variable name: A"),
    ({"environment": {**ENVIRONMENT, "environmentVariables": [{"name": "CODEBUILD_A", "value": "1"}]}}, "CODEBUILD_"),
    ({"vpcConfig": {"vpcId": "vpc-1"}}, "must all be specified"),
    ({"vpcConfig": {"vpcId": "v", "subnets": ["s"], "securityGroupIds": ["g"]}}, "Not authorized to perform DescribeSecurityGroups"),
    (
        {"serviceRole": "arn:aws:iam::123456789012:role/none"},
        "CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::123456789012:role/none",
    ),
    ({"serviceRole": "arn:aws:iam::210987654321:role/build"}, "Service role account ID does not match caller's account"),
    (
        {"secondaryArtifacts": [{"type": "S3", "location": "b", "artifactIdentifier": "a-b"}]},
        "only alphanumeric characters and underscores",
    ),
    ({"tags": [{"key": "aws:a", "value": "1"}]}, "aws:"),
    ({"encryptionKey": "key"}, "Invalid encryption key: key"),
    ({"logsConfig": {"s3Logs": {"status": "ENABLED"}}}, "S3 logs are enabled"),
    ({"secondarySourceVersions": [{"sourceIdentifier": "a", "sourceVersion": "1"}]}, "no secondary source has the sourceIdentifier a"),
    ({"fileSystemLocations": [{"type": "EFS", "identifier": "a", "location": "b:/", "mountPoint": "/m"}]}, "need a VPC configuration"),
]


@pytest.mark.parametrize(("change", "words"), CASES, ids=[words[:40] for _, words in CASES])
def test_what_is_refused(emulated: Emulated, change: dict[str, Any], words: str) -> None:
    given = {
        "name": "shop",
        "source": {"type": "NO_SOURCE", "buildspec": spec("true")},
        "artifacts": {"type": "NO_ARTIFACTS"},
        "environment": ENVIRONMENT,
        "serviceRole": building.role(emulated),
    }
    code, message = emulated.refused("codebuild", "create_project", **{**given, **change})
    assert code == "InvalidInputException"
    assert words in message


def test_a_role_that_trusts_another_service(emulated: Emulated) -> None:
    building.role(emulated)
    emulated.client("iam").update_assume_role_policy(RoleName="build", PolicyDocument=roles.trust("ecs.amazonaws.com"))
    with pytest.raises(emulated.client("codebuild").exceptions.InvalidInputException, match="not authorized to perform: sts:AssumeRole"):
        building.project(emulated)


def test_tags_are_listed(emulated: Emulated) -> None:
    building.project(emulated, tags=[{"key": "a", "value": "1"}])
    listed = emulated.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "a"}])["ResourceTagMappingList"]
    assert [each["ResourceARN"] for each in listed] == [arn("project/shop")]
