"""elbv2_target_group against the emulated load balancing."""

import pytest

from tests.support import one
from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "shop-production-blue"
CHECK = {"path": "/up", "interval": 10, "healthy_threshold": 2, "matcher": "200"}
ATTRIBUTES = {"deregistration_delay.timeout_seconds": 30, "stickiness.enabled": False}


@pytest.fixture
def vpc(emulated: Emulated) -> str:
    return emulated.client("ec2").create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]


def run(emulated: Emulated, vpc: str, **params):
    declared = {"name": NAME, "vpc_id": vpc, "port": 3000, "health_check": CHECK, "attributes": ATTRIBUTES, "tags": {"application": "shop"}}
    return one.run(emulated, "elbv2_target_group", **{**declared, **params})


def group(emulated: Emulated) -> dict:
    return emulated.client("elbv2").describe_target_groups(Names=[NAME])["TargetGroups"][0]


def test_check_create_again_change_delete(emulated: Emulated, vpc: str) -> None:
    before = emulated.writes()
    predicted = run(emulated, vpc, check=True)
    assert predicted["changed"] and "target_group_arn" not in predicted["target_group"]
    assert emulated.writes() == before and differences("elbv2_target_group", predicted) == []

    created = run(emulated, vpc)
    assert created["changed"] and differences("elbv2_target_group", created) == []
    made = created["target_group"]
    assert predicted["target_group"]["attributes"].items() <= made["attributes"].items()
    known = {key: value for key, value in predicted["target_group"].items() if key != "attributes"}
    assert known.items() <= made.items()
    assert (group(emulated)["HealthCheckPath"], group(emulated)["TargetType"]) == ("/up", "ip")
    assert not run(emulated, vpc)["changed"]
    assert not run(emulated, vpc, health_check=None, attributes=None, tags=None)["changed"]

    wanted = {"health_check": {"path": "/health", "timeout": 9}, "attributes": {"slow_start.duration_seconds": 60}, "tags": {"team": "web"}}
    checked = run(emulated, vpc, check=True, **wanted)
    changed = run(emulated, vpc, **wanted)
    assert checked["target_group"] == changed["target_group"] and checked["diff"] == changed["diff"]
    assert changed["diff"]["before"]["health_check_path"] == "/up" and changed["diff"]["after"]["health_check_path"] == "/health"
    assert changed["target_group"]["health_check_interval_seconds"] == 10 and changed["target_group"]["health_check_timeout_seconds"] == 9
    assert changed["target_group"]["attributes"]["deregistration_delay.timeout_seconds"] == "30"
    assert changed["target_group"]["tags"] == {"team": "web"}
    assert not run(emulated, vpc, **wanted)["changed"]

    assert run(emulated, vpc, state="absent", check=True)["changed"]
    assert run(emulated, vpc, state="absent")["changed"]
    assert emulated.refused("elbv2", "describe_target_groups", Names=[NAME])[0] == "TargetGroupNotFound"
    assert not run(emulated, vpc, state="absent")["changed"]


def test_only_what_differs_is_sent(emulated: Emulated, vpc: str) -> None:
    run(emulated, vpc)
    before = len(emulated.writes())
    run(emulated, vpc, health_check={**CHECK, "path": "/health"})
    assert emulated.writes()[before:] == ["elbv2:ModifyTargetGroup"]


def test_change_of_an_immutable_setting_is_an_error_with_both_values(emulated: Emulated, vpc: str) -> None:
    run(emulated, vpc)
    failed = run(emulated, vpc, port=4000)
    assert failed["failed"] and "port 3000 cannot become 4000" in failed["msg"]
    assert failed["live"]["port"] == 3000 and failed["wanted"] == {"port": 4000}
    assert run(emulated, vpc, check=True, port=4000)["failed"]


def test_a_predicted_vpc_is_no_difference(emulated: Emulated, vpc: str) -> None:
    assert run(emulated, "", check=True)["changed"]
    run(emulated, vpc)
    assert not run(emulated, "", check=True)["changed"]


def test_an_unknown_attribute_is_named(emulated: Emulated, vpc: str) -> None:
    run(emulated, vpc)
    failed = run(emulated, vpc, attributes={"deregistration_delay": 30})
    assert failed["failed"] and "no attribute deregistration_delay;" in failed["msg"]


def test_info_leaves_out_what_does_not_exist(emulated: Emulated, vpc: str) -> None:
    run(emulated, vpc)
    found = emulated.run("elbv2_target_group_info", names=[NAME, "absent"], health=True)
    assert not found["changed"] and differences("elbv2_target_group_info", found) == []
    assert [group["target_group_name"] for group in found["target_groups"]] == [NAME]
    assert found["target_groups"][0]["targets"] == [] and found["target_groups"][0]["tags"] == {"application": "shop"}
    assert len(emulated.run("elbv2_target_group_info")["target_groups"]) == 1


def test_a_group_in_use_keeps_its_health_check_and_port_until_nobody_uses_it(emulated: Emulated, vpc: str) -> None:
    run(emulated, vpc)
    emulated.client("ec2").create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")
    elbv2, target = emulated.client("elbv2"), [{"Id": "10.0.0.10", "Port": 3000}]
    elbv2.register_targets(TargetGroupArn=group(emulated)["TargetGroupArn"], Targets=target)
    wanted = {"port": 8080, "health_check": {**CHECK, "path": "/healthz"}, "keep_in_use": True}
    told = run(emulated, vpc, **wanted)
    assert not told["changed"] and told["release_difference"] == {"health_check_path": {"before": "/up", "after": "/healthz"}}
    assert differences("elbv2_target_group", told) == [] and group(emulated)["HealthCheckPath"] == "/up"
    elbv2.deregister_targets(TargetGroupArn=group(emulated)["TargetGroupArn"], Targets=target)
    changed = run(emulated, vpc, **wanted)
    assert changed["changed"] and changed["release_difference"] == {} and changed["target_group"]["port"] == 3000
    assert group(emulated)["HealthCheckPath"] == "/healthz" and not run(emulated, vpc, **wanted)["changed"]
