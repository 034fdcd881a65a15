"""What has which tags, as the Resource Groups Tagging API tells it."""

from __future__ import annotations

import pytest

from tests.support.emulated import REGION, Emulated
from tests.support.roles import trust

OURS = {"application": "shop", "environment": "local"}
PAIRS = [{"Key": key, "Value": value} for key, value in OURS.items()]
FILTERS = [{"Key": key, "Values": [value]} for key, value in OURS.items()]


def _made(emulated: Emulated) -> list[str]:
    """ARNs of what was made with our tags, of several services."""
    vpc = emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": PAIRS}])["Vpc"]
    cluster = emulated.client("ecs").create_cluster(clusterName="shop", tags=[{"key": key, "value": value} for key, value in OURS.items()])
    emulated.client("logs").create_log_group(logGroupName="/shop/web", tags=OURS)
    emulated.client("ssm").put_parameter(Name="/shop/KEY", Type="SecureString", Value="x", Tags=PAIRS)
    place = {"LocationConstraint": REGION, "Tags": PAIRS}
    emulated.client("s3").create_bucket(Bucket="shop-records", CreateBucketConfiguration=place)
    emulated.client("ecr").create_repository(repositoryName="shop", tags=PAIRS)
    here = f"{REGION}:123456789012"
    return sorted(
        [
            f"arn:aws:ec2:{here}:vpc/{vpc['VpcId']}",
            cluster["cluster"]["clusterArn"],
            f"arn:aws:logs:{here}:log-group:/shop/web",
            f"arn:aws:ssm:{here}:parameter/shop/KEY",
            "arn:aws:s3:::shop-records",
            f"arn:aws:ecr:{here}:repository/shop",
        ]
    )


def test_resources_of_all_services_by_tags_and_type(emulated: Emulated) -> None:
    made = _made(emulated)
    emulated.client("logs").create_log_group(logGroupName="/other", tags={"application": "shop"})
    client = emulated.client("resourcegroupstaggingapi")
    pages = client.get_paginator("get_resources").paginate(TagFilters=FILTERS, ResourcesPerPage=2)
    found = [item for page in pages for item in page["ResourceTagMappingList"]]
    assert [item["ResourceARN"] for item in found] == made
    assert all({tag["Key"]: tag["Value"] for tag in item["Tags"]} == OURS for item in found)
    some = client.get_resources(TagFilters=FILTERS, ResourceTypeFilters=["s3", "ecs:cluster"])["ResourceTagMappingList"]
    assert [item["ResourceARN"].split(":")[2] for item in some] == ["ecs", "s3"]
    assert emulated.client("resourcegroupstaggingapi", "us-east-1").get_resources()["ResourceTagMappingList"] == []


def test_roles_are_not_among_it(emulated: Emulated) -> None:
    emulated.client("iam").create_role(RoleName="shop", AssumeRolePolicyDocument=trust("ecs.amazonaws.com"), Tags=PAIRS)
    assert emulated.client("resourcegroupstaggingapi").get_resources(TagFilters=FILTERS)["ResourceTagMappingList"] == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"ResourceARNList": ["arn:aws:s3:::shop"], "TagFilters": FILTERS}, "InvalidParameterException"),
        ({"PaginationToken": "what"}, "PaginationTokenExpiredException"),
    ],
)
def test_refusals(emulated: Emulated, params: dict[str, object], code: str) -> None:
    assert emulated.refused("resourcegroupstaggingapi", "get_resources", **params)[0] == code
