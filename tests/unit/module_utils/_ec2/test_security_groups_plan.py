"""From the live security groups of a VPC to the declared ones."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import Output, Plan
from ansible_collections.railyard.fargate.plugins.module_utils._ec2 import security_group_rules as rules
from ansible_collections.railyard.fargate.plugins.module_utils._ec2 import security_groups_plan

ENTRY: dict[str, Any] = {"protocol": "tcp", "ports": ["80"], "peers": ["10.0.0.0/8"], "description": None}
RULE = {"protocol": "tcp", "from_port": 80, "to_port": 80, "peer": "10.0.0.0/8", "description": "users"}
OPEN = [rules.everything("0.0.0.0/0")]


def group(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "description": None, "ingress": None, "egress": None, **changes}


def live(name: str, **changes: Any) -> dict[str, Any]:
    return {"name": name, "group_id": f"sg-{name}", "description": name, "ingress": [], "egress": OPEN, "tags": {"Name": name}, **changes}


def plan(found: list[dict[str, Any]], *declared: dict[str, Any], first_egress: Any = None, **changes: Any) -> Plan:
    wanted = {"vpc_id": "vpc-1", "security_groups": list(declared), "state": "present", "tags": None, "purge_tags": True, **changes}
    return security_groups_plan.make_plan(wanted, found, first_egress or OPEN)


def operations(planned: Plan) -> list[str]:
    return [step.operation for step in planned.steps]


def test_groups_that_name_each_other_are_made_before_their_rules() -> None:
    planned = plan(
        [live("c")],
        group("a", ingress=[{**ENTRY, "peers": ["b", "c"]}]),
        group("b", ingress=[{**ENTRY, "peers": ["a"]}], egress=[]),
        group("c"),
    )
    assert operations(planned) == [
        *["CreateSecurityGroup"] * 2,
        *["AuthorizeSecurityGroupIngress"] * 2,
        "RevokeSecurityGroupEgress",
        "DescribeSecurityGroups",
    ]
    first = planned.steps[2].params
    assert first["GroupId"] == Output("a", "GroupId")
    assert [entry["UserIdGroupPairs"][0]["GroupId"] for entry in first["IpPermissions"]] == [Output("b", "GroupId"), "sg-c"]
    assert [entry["egress"] for entry in planned.after] == [OPEN, [], OPEN]


def test_a_new_group_in_a_vpc_with_ipv6_lets_nothing_out_when_told() -> None:
    planned = plan([], group("a", egress=[]), first_egress=[*OPEN, rules.everything("::/0")])
    revoked = next(step for step in planned.steps if step.operation == "RevokeSecurityGroupEgress").params["IpPermissions"]
    assert revoked == [
        {"IpProtocol": "-1", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
        {"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]},
    ]


@pytest.mark.parametrize(
    ("declared", "steps"),
    [
        ({}, []),
        ({"ingress": [ENTRY]}, []),
        ({"ingress": [{**ENTRY, "description": "users"}]}, []),
        ({"ingress": [{**ENTRY, "description": "others"}]}, ["UpdateSecurityGroupRuleDescriptionsIngress"]),
        ({"ingress": [{**ENTRY, "peers": ["10.1.2.3/8"]}]}, []),
        ({"ingress": [{**ENTRY, "ports": ["80-80"]}]}, []),
        ({"ingress": []}, ["RevokeSecurityGroupIngress"]),
        ({"ingress": [{**ENTRY, "ports": ["81"]}]}, ["AuthorizeSecurityGroupIngress", "RevokeSecurityGroupIngress"]),
        ({"ingress": [{**ENTRY, "ports": ["80", "81"]}]}, ["AuthorizeSecurityGroupIngress"]),
        ({"egress": []}, ["RevokeSecurityGroupEgress"]),
        ({"egress": [{**ENTRY, "protocol": "all", "peers": ["0.0.0.0/0"]}]}, []),
        ({"description": "another"}, []),
    ],
)
def test_a_live_group(declared: dict[str, Any], steps: list[str]) -> None:
    assert operations(plan([live("a", ingress=[RULE])], group("a", **declared))) == steps


@pytest.mark.parametrize(
    ("entry", "permission"),
    [
        ({"ports": ["1-2"]}, {"IpProtocol": "tcp", "FromPort": 1, "ToPort": 2, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}),
        (
            {"description": "x"},
            {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "x"}]},
        ),
        (
            {"protocol": "icmpv6", "peers": ["2001:DB8::/32"]},
            {"IpProtocol": "icmpv6", "FromPort": -1, "ToPort": -1, "Ipv6Ranges": [{"CidrIpv6": "2001:db8::/32"}]},
        ),
        ({"protocol": "all", "peers": ["pl-1"]}, {"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-1"}]}),
        ({"protocol": "all", "peers": ["sg-1"]}, {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1"}]}),
        (
            {"protocol": "all", "peers": ["210987654321/sg-1"]},
            {"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "sg-1", "UserId": "210987654321"}]},
        ),
    ],
)
def test_a_rule_in_awss_shape_and_back(entry: dict[str, Any], permission: dict[str, Any]) -> None:
    planned = plan([live("a")], group("a", ingress=[{**ENTRY, **entry}]))
    assert planned.steps[0].params["IpPermissions"] == [permission]
    assert rules.ours([permission], {}, "123456789012") == planned.after[0]["ingress"]


@pytest.mark.parametrize(
    ("declared", "words"),
    [
        ([group("a"), group("a")], "name of security_groups: a is there twice"),
        ([group("sg-a")], "cannot be called 'sg-a'"),
        ([group("Default")], "cannot be called 'Default'"),
        ([group("a", description="für alle")], "the description of a is 'für alle'"),
        ([group("a", ingress=[{**ENTRY, "description": "a'b"}])], "the description of a rule in ingress of a"),
        ([group("a", ingress=[{**ENTRY, "ports": ["http"]}])], "ingress of a has the port 'http'"),
        ([group("a", ingress=[{**ENTRY, "ports": ["90-80"]}])], "has the port '90-80'"),
        ([group("a", egress=[{**ENTRY, "peers": ["b"]}])], "egress of a has the peer 'b'; a peer is .* or one of a"),
        ([group("a", ingress=[ENTRY, ENTRY])], "ingress of a has the rule tcp 80-80 10.0.0.0/8 twice"),
    ],
)
def test_invalid_groups_are_refused(declared: list[dict[str, Any]], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        plan([], *declared)


def names(*peers: str) -> list[dict[str, Any]]:
    return [{**RULE, "peer": peer} for peer in peers]


@pytest.mark.parametrize(
    ("found", "steps"),
    [
        ([live("a"), live("b", ingress=names("a")), live("c", egress=names("b"))], ["sg-c", "sg-b", "sg-a"]),
        ([live("a", ingress=names("a", "10.0.0.0/8"))], ["sg-a"]),
        ([live("a", ingress=names("b", "10.0.0.0/8")), live("b", ingress=names("a"))], ["close sg-a", "close sg-b", "sg-a", "sg-b"]),
    ],
)
def test_a_group_is_deleted_after_those_that_name_it(found: list[dict[str, Any]], steps: list[str]) -> None:
    planned = plan(found, state="absent")
    close = {"DeleteSecurityGroup": "", "RevokeSecurityGroupIngress": "close "}
    assert [close[step.operation] + step.params["GroupId"] for step in planned.steps] == steps and planned.after == []
    assert all("UserIdGroupPairs" in entry for step in planned.steps for entry in step.params.get("IpPermissions", []))
