"""ec2_security_groups against the emulated EC2."""

from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.walk import differences

GROUPS = [
    {"name": "shop-alb", "description": "Load balancer", "ingress": [{"ports": [80, 443], "peers": ["0.0.0.0/0"], "description": "users"}]},
    {"name": "shop-app", "ingress": [{"ports": ["3000-3001"], "peers": ["shop-alb"], "description": "load balancer"}]},
    {"name": "shop-database", "ingress": [{"ports": [5432], "peers": ["shop-app"]}], "egress": []},
]


@pytest.fixture
def vpc(emulated: Emulated) -> str:
    return str(emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"])


def run(emulated: Emulated, vpc: str, **changes: Any) -> dict[str, Any]:
    return emulated.run("ec2_security_groups", **{"vpc_id": vpc, "security_groups": GROUPS, "tags": {"application": "shop"}, **changes})


def calls(emulated: Emulated, since: int) -> list[str]:
    return [entry["operation"] for entry in emulated.journal()[since:]]


def without_ids(groups: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in group.items() if key != "group_id"} for group in groups]


def test_where_there_is_no_vpc_yet_all_is_predicted_as_new(emulated: Emulated) -> None:
    predicted = run(emulated, "", check=True)
    assert predicted["changed"] and differences("ec2_security_groups", predicted) == [] and calls(emulated, 0) == []
    assert [rule["peer"] for group in predicted["security_groups"] for rule in group["ingress"]] == ["0.0.0.0/0"] * 2 + [
        "shop-alb",
        "shop-app",
    ]
    assert "only in check mode" in run(emulated, "")["msg"] and not emulated.writes()
    assert not run(emulated, "", state="absent")["changed"]


def test_check_create_again_change_diff_delete(emulated: Emulated, vpc: str) -> None:
    ec2 = emulated.client("ec2")
    other = ec2.create_security_group(GroupName="other", Description="other", VpcId=vpc)["GroupId"]
    written = emulated.writes()
    predicted = run(emulated, vpc, check=True)
    assert predicted["changed"] and emulated.writes() == written

    created = run(emulated, vpc)
    assert created["changed"] and differences("ec2_security_groups", created) == []
    assert without_ids(created["security_groups"]) == predicted["security_groups"] == predicted["diff"]["after"]["security_groups"]
    since = len(emulated.journal())
    again = run(emulated, vpc)
    assert not again["changed"] and again["security_groups"] == created["security_groups"]
    assert calls(emulated, since) == ["DescribeSecurityGroups"]

    by_hand(ec2, [group["group_id"] for group in created["security_groups"]], other)
    expected = [{**group, "egress": []} if group["name"] == "shop-alb" else group for group in created["security_groups"]]
    seen = run(emulated, vpc, check=True)
    before, after = (seen["diff"][side]["security_groups"] for side in ("before", "after"))
    assert seen["changed"] and after == expected
    assert [rule["from_port"] for rule in before[0]["ingress"]] == [80] and before[0]["egress"] == []
    assert before[1]["ingress"][0]["description"] == "mine" and before[1]["tags"] == {"Name": "mine", "a": "b"}
    assert [rule["peer"] for rule in before[2]["ingress"]] == [other, "shop-app"] and len(before[2]["egress"]) == 1
    mended = run(emulated, vpc)
    assert mended["changed"] and not run(emulated, vpc)["changed"]
    assert mended["security_groups"] == expected

    gone = run(emulated, vpc, state="absent")
    assert gone["changed"] and gone["security_groups"] == [] and not run(emulated, vpc, state="absent")["changed"]
    left = ec2.describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    assert sorted(group["GroupName"] for group in left) == ["default", "other"]


def by_hand(ec2: Any, ids: list[str], other: str) -> None:
    """Somebody closes a port and the way out of one, and of the others opens them and changes words and tags."""
    alb, app, database = ids
    everything = [{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    port = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}
    ec2.revoke_security_group_ingress(GroupId=alb, IpPermissions=[port])
    ec2.revoke_security_group_egress(GroupId=alb, IpPermissions=everything)
    pair = {"GroupId": alb, "Description": "mine"}
    described = {"IpProtocol": "tcp", "FromPort": 3000, "ToPort": 3001, "UserIdGroupPairs": [pair]}
    ec2.update_security_group_rule_descriptions_ingress(GroupId=app, IpPermissions=[described])
    ec2.create_tags(Resources=[app], Tags=[{"Key": "Name", "Value": "mine"}, {"Key": "a", "Value": "b"}])
    ec2.delete_tags(Resources=[app], Tags=[{"Key": "application"}])
    opened = {"IpProtocol": "tcp", "FromPort": 5432, "ToPort": 5432, "UserIdGroupPairs": [{"GroupId": other}]}
    ec2.authorize_security_group_ingress(GroupId=database, IpPermissions=[opened])
    ec2.authorize_security_group_egress(GroupId=database, IpPermissions=everything)


def test_two_that_name_each_other_are_made_and_deleted(emulated: Emulated, vpc: str) -> None:
    pair = [{"name": name, "ingress": [{"ports": [1], "peers": [peer]}]} for name, peer in (("a", "b"), ("b", "a"))]
    assert run(emulated, vpc, security_groups=pair)["changed"] and not run(emulated, vpc, security_groups=pair)["changed"]
    assert run(emulated, vpc, security_groups=pair, state="absent")["changed"]
    left = emulated.client("ec2").describe_security_groups(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["SecurityGroups"]
    assert [group["GroupName"] for group in left] == ["default"]


def test_a_vpc_with_ipv6_has_one_more_way_out(emulated: Emulated) -> None:
    made = emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16", AmazonProvidedIpv6CidrBlock=True)["Vpc"]["VpcId"]
    predicted = run(emulated, made, check=True)["security_groups"]
    assert [rule["peer"] for rule in predicted[0]["egress"]] == ["0.0.0.0/0", "::/0"] and predicted[2]["egress"] == []
    assert without_ids(run(emulated, made)["security_groups"]) == predicted


def test_a_run_that_was_killed_is_finished_by_the_next(emulated: Emulated, vpc: str) -> None:
    emulated.client("ec2").create_security_group(GroupName="shop-alb", Description="Load balancer", VpcId=vpc)
    assert run(emulated, vpc)["changed"] and not run(emulated, vpc)["changed"]


def test_a_port_that_targets_use_stays_until_they_are_gone(emulated: Emulated, vpc: str) -> None:
    def kept(port: int, **more: Any) -> dict[str, Any]:
        kept = {"ports": [port], "keep_in_use": ["shop-blue", "shop-green"]}
        app = {"name": "shop-app", "ingress": [{**kept, "peers": ["shop-alb"]}, {**kept, "peers": ["10.99.0.0/16"]}]}
        return run(emulated, vpc, security_groups=[GROUPS[0], app], **more)

    def ports(result: dict[str, Any]) -> list[int]:
        found = [(rule["peer"], rule["from_port"]) for rule in result["security_groups"][1]["ingress"]]
        of_each = [[port for peer, port in found if peer == one] for one in ("shop-alb", "10.99.0.0/16")]
        assert of_each[0] == of_each[1], "who else may reach tasks is not cut off either"
        return of_each[0]

    kept(3000)
    elbv2 = emulated.client("elbv2")
    made = elbv2.create_target_group(Name="shop-blue", Protocol="HTTP", Port=3000, VpcId=vpc, TargetType="ip")
    blue = made["TargetGroups"][0]["TargetGroupArn"]
    emulated.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")
    elbv2.register_targets(TargetGroupArn=blue, Targets=[{"Id": "10.0.0.10", "Port": 3000}])
    assert ports(kept(8080, check=True)) == [3000, 8080] and ports(kept(8080)) == [3000, 8080]
    assert not kept(8080)["changed"]
    elbv2.deregister_targets(TargetGroupArn=blue, Targets=[{"Id": "10.0.0.10", "Port": 3000}])
    assert ports(kept(8080)) == [8080]
    since = len(emulated.journal())
    assert not kept(8080)["changed"] and calls(emulated, since) == ["DescribeSecurityGroups"], "nobody is asked when nothing would go"
