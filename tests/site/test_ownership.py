"""Other people's resources beside an environment: what converge, check and destroy do with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from tests.site.conftest import Made
from tests.support.cli import aws
from tests.support.emulated import Emulated
from tests.support.names import option
from tests.support.playbooks import converge, play

CREATED_BY = [{"Key": "CreatedBy", "Value": "anna"}]


@pytest.fixture(scope="module")
def emulated(made: Made) -> Emulated:
    return made()


def _tag(emulated: Emulated) -> int:
    """What an auto-tagger does: one more tag on all that it finds. Returns on how many."""
    listed = emulated.client("resourcegroupstaggingapi").get_paginator("get_resources").paginate()
    arns = [item["ResourceARN"] for page in listed for item in page["ResourceTagMappingList"]]
    for arn in arns:
        service, resource = arn.split(":")[2], arn.split(":", 5)[5]
        if service == "ec2":
            emulated.client("ec2").create_tags(Resources=[resource.split("/")[1]], Tags=CREATED_BY)
        elif service == "ecs":
            emulated.client("ecs").tag_resource(resourceArn=arn, tags=[{"key": "CreatedBy", "value": "anna"}])
        elif service == "elasticloadbalancing":
            emulated.client("elbv2").add_tags(ResourceArns=[arn], Tags=CREATED_BY)
        elif service == "rds":
            emulated.client("rds").add_tags_to_resource(ResourceName=arn, Tags=CREATED_BY)
        elif service == "logs":
            emulated.client("logs").tag_resource(resourceArn=arn, tags={"CreatedBy": "anna"})
        elif service == "ecr":
            emulated.client("ecr").tag_resource(resourceArn=arn, tags=CREATED_BY)
    for role in ("execution", "task", "codedeploy", "console"):
        emulated.client("iam").tag_role(RoleName=f"shop-local-{role}", Tags=CREATED_BY)
    return len(arns)


def test_tags_of_others_are_no_change(emulated: Emulated) -> None:
    assert _tag(emulated) > 30
    seen = converge(emulated, "--check", "--diff")
    assert seen.count("changed") == 0 and "CreatedBy" not in seen.output, seen.output


def test_a_foreign_resource_stops_a_converge_before_it_writes(emulated: Emulated) -> None:
    emulated.client("iam").untag_role(RoleName="shop-local-task", TagKeys=["managed-by"])
    written = emulated.writes()
    refused = play(emulated, "site.yml")
    assert refused.code != 0 and emulated.writes() == written
    assert "the role shop-local-task is there already and is not ours" in refused.output and "tag it: aws iam tag-role" in refused.output


def test_destroy_names_who_is_in_the_network_and_leaves_alone_what_is_not_ours(emulated: Emulated, tmp_path: Path) -> None:
    ec2, ecs = emulated.client("ec2"), emulated.client("ecs")
    group = next(item for item in ec2.describe_security_groups()["SecurityGroups"] if item["GroupName"] == "shop-local-app")
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [group["VpcId"]]}])["Subnets"]
    theirs = {"Groups": [group["GroupId"]], "Description": "AWS Lambda VPC ENI-bill"}
    interface = ec2.create_network_interface(SubnetId=subnets[0]["SubnetId"], **theirs)["NetworkInterface"]["NetworkInterfaceId"]
    worker = ecs.describe_services(cluster="shop-local", services=["worker"])["services"][0]["serviceArn"]
    ecs.untag_resource(resourceArn=worker, tagKeys=["managed-by"])
    vpn = ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"]
    ec2.attach_vpn_gateway(VpnGatewayId=vpn, VpcId=group["VpcId"])
    written = emulated.writes()
    stopped = play(emulated, "playbooks/destroy.yml", "-e", "destroy=shop-local")
    assert stopped.code != 0 and emulated.writes() == written, stopped.output
    assert interface in stopped.output and "AWS Lambda VPC ENI-bill" in stopped.output and "shop-local/worker" in stopped.output
    assert f"VPN gateway {vpn}: it has no tags" in stopped.output

    ec2.detach_vpn_gateway(VpnGatewayId=vpn, VpcId=group["VpcId"])
    # One that is not seen before, as if it had come since.
    tagged = [{"ResourceType": "security-group", "Tags": group["Tags"]}]
    late = ec2.create_security_group(GroupName="late", Description="x", VpcId=group["VpcId"], TagSpecifications=tagged)["GroupId"]
    ec2.delete_network_interface(NetworkInterfaceId=interface)
    aws(emulated, f"aws ecs tag-resource --resource-arn {worker} --tags key=managed-by,value=railyard")
    (tmp_path / "impatient.yml").write_text(yaml.safe_dump({"all": {"hosts": {"shop_local": {"__vpc_looks": 1, "__vpc_pause": 1}}}}))
    inventory = ("inventories/local", str(tmp_path / "impatient.yml"))
    held = play(emulated, "playbooks/destroy.yml", "-e", "destroy=shop-local", inventory=inventory)
    assert held.code != 0 and "DependencyViolation" in held.output and f"security group {late}" in held.output, held.output

    ec2.delete_security_group(GroupId=late)
    gone = play(emulated, "playbooks/destroy.yml", "-e", "destroy=shop-local")
    assert gone.code == 0, gone.output
    assert "Not ours, left alone:" in gone.output
    left = emulated.run("environment_info", names=option())["resources"]
    assert [item["id"] for item in left if not item["owned"]] == ["shop-local-task"]
    assert all(item["data"] for item in left if item["owned"])
    assert emulated.client("iam").get_role(RoleName="shop-local-task")
