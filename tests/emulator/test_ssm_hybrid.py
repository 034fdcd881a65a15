"""Activations and the nodes that consoles become."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.support import fargate, roles
from tests.support.emulated import Emulated
from tests.support.hybrid import ROLE, TIER, Hybrid, build

CLUSTER = fargate.CLUSTER


@pytest.fixture
def hybrid(emulated: Emulated) -> Hybrid:
    return build(emulated)


def described(hybrid: Hybrid, task: str) -> dict[str, Any]:
    return dict(hybrid.made.ecs.describe_tasks(cluster=CLUSTER, tasks=[task])["tasks"][0])


def lines(hybrid: Hybrid, task: str) -> str:
    stream = f"rails/web/{task.rsplit('/', 1)[1]}"
    return "\n".join(
        event["message"] for event in hybrid.emulated.client("logs").get_log_events(logGroupName="/shop", logStreamName=stream)["events"]
    )


def test_an_activation_is_described_without_its_code_until_it_is_deleted(hybrid: Hybrid) -> None:
    made = hybrid.activation(DefaultInstanceName="console", Description="of deborah", Tags=[{"Key": "console", "Value": "7"}])
    assert 20 <= len(made["ActivationCode"]) <= 250
    (found,) = hybrid.ssm.describe_activations()["ActivationList"]
    assert (found["ActivationId"], found["IamRole"], found["DefaultInstanceName"]) == (made["ActivationId"], ROLE, "console")
    assert (found["RegistrationLimit"], found["RegistrationsCount"], found["Expired"]) == (1, 0, False)
    assert found["ExpirationDate"] - found["CreatedDate"] == timedelta(days=1)
    assert made["ActivationCode"] not in str(found)
    other = hybrid.activation()
    wanted = [{"FilterKey": "ActivationIds", "FilterValues": [other["ActivationId"]]}]
    assert [item["ActivationId"] for item in hybrid.ssm.describe_activations(Filters=wanted)["ActivationList"]] == [other["ActivationId"]]

    hybrid.ssm.delete_activation(ActivationId=made["ActivationId"])
    assert hybrid.emulated.refused("ssm", "delete_activation", ActivationId=made["ActivationId"])[0] == "InvalidActivation"


def test_what_an_activation_must_not_be(hybrid: Hybrid) -> None:
    hybrid.emulated.client("iam").create_role(RoleName="of-ecs", AssumeRolePolicyDocument=roles.trust("ecs-tasks.amazonaws.com"))
    now = datetime.now(UTC)
    for name in ("of-ecs", "nobody"):
        code, message = hybrid.emulated.refused("ssm", "create_activation", IamRole=name)
        assert code == "ValidationException" and message.endswith(f":role/{name}") and message.startswith("Nonexistent role or missing ssm")
    for until in (now - timedelta(hours=1), now + timedelta(days=31)):
        assert "Expiration date" in hybrid.emulated.refused("ssm", "create_activation", IamRole=ROLE, ExpirationDate=until)[1]
    assert hybrid.emulated.refused("ssm", "create_activation", IamRole=ROLE, RegistrationLimit=1001)[0] == "ValidationException"
    assert hybrid.ssm.describe_activations()["ActivationList"] == []


@pytest.mark.usefixtures("slowly")
def test_a_console_registers_and_is_online_a_while_later(hybrid: Hybrid) -> None:
    activation = hybrid.activation(DefaultInstanceName="console", Tags=[{"Key": "console", "Value": "7"}])
    task = hybrid.start(activation)
    seen = []
    for _ in range(40):
        seen += [status for status in [node["PingStatus"] for node in hybrid.nodes()] if status not in seen]
        hybrid.emulated.advance(1)
    assert seen == ["ConnectionLost", "Online"]
    assert hybrid.ssm.get_connection_status(Target=hybrid.nodes()[0]["InstanceId"])["Status"] == "connected"
    (node,) = hybrid.nodes()
    assert node["InstanceId"].startswith("mi-") and len(node["InstanceId"]) == 20
    assert (node["ActivationId"], node["IamRole"], node["Name"]) == (activation["ActivationId"], ROLE, "console")
    assert node["ResourceType"] == "ManagedInstance" and node["IPAddress"].startswith("10.0.") and node["ComputerName"]
    assert described(hybrid, task)["lastStatus"] == "RUNNING"
    assert hybrid.ssm.describe_activations()["ActivationList"][0]["RegistrationsCount"] == 1
    assert "Successfully registered" in lines(hybrid, task) and activation["ActivationCode"] not in lines(hybrid, task)


@pytest.mark.usefixtures("slowly")
def test_a_node_is_online_before_a_session_can_be_opened_with_it(hybrid: Hybrid) -> None:
    hybrid.ssm.update_service_setting(SettingId=TIER, SettingValue="advanced")
    hybrid.start(hybrid.activation())
    seen = []
    for _ in range(60):
        for node in hybrid.nodes():
            name = node["InstanceId"]
            pair = (node["PingStatus"], hybrid.ssm.get_connection_status(Target=name)["Status"])
            seen += [pair] if pair not in seen else []
            if pair == ("Online", "notconnected"):
                assert hybrid.emulated.refused("ssm", "start_session", Target=name)[0] == "TargetNotConnected"
        hybrid.emulated.advance(1)
    assert seen == [("ConnectionLost", "notconnected"), ("Online", "notconnected"), ("Online", "connected")]


def test_nodes_are_found_by_what_they_are_and_by_tags(hybrid: Hybrid) -> None:
    activation = hybrid.activation(Tags=[{"Key": "console", "Value": "7"}])
    hybrid.start(activation)
    hybrid.emulated.advance(60)
    hybrid.node()
    (node,) = hybrid.nodes(Filters=[{"Key": "tag:console", "Values": ["7", "8"]}])
    assert node["ActivationId"] == activation["ActivationId"]
    name = node["InstanceId"]
    for key, value in (("InstanceIds", name), ("ActivationIds", node["ActivationId"]), ("tag-key", "console")):
        assert [each["InstanceId"] for each in hybrid.nodes(Filters=[{"Key": key, "Values": [value]}])] == [name]
    assert len(hybrid.nodes(Filters=[{"Key": "PingStatus", "Values": ["Online"]}])) == 2
    assert len(hybrid.nodes(InstanceInformationFilterList=[{"key": "InstanceIds", "valueSet": [name]}])) == 1
    assert hybrid.nodes(Filters=[{"Key": "tag:console", "Values": ["8"]}]) == []
    unknown = hybrid.emulated.refused("ssm", "describe_instance_information", Filters=[{"Key": "Name", "Values": ["x"]}])
    assert unknown[0] == "InvalidFilterKey"
    by_tag = {"Key": "tag:console", "Values": ["7"]}
    for other in ({"Key": "ResourceType", "Values": ["ManagedInstance"]}, {"Key": "PingStatus", "Values": ["Online"]}):
        mixed = hybrid.emulated.refused("ssm", "describe_instance_information", Filters=[by_tag, other])
        assert mixed == ("ValidationException", "Cannot mix tag or inventory filter with any other filter.")

    resource = {"ResourceType": "ManagedInstance", "ResourceId": name}
    hybrid.ssm.add_tags_to_resource(**resource, Tags=[{"Key": "console", "Value": "8"}, {"Key": "person", "Value": "ada"}])
    hybrid.ssm.remove_tags_from_resource(**resource, TagKeys=["person"])
    assert hybrid.ssm.list_tags_for_resource(**resource)["TagList"] == [{"Key": "console", "Value": "8"}]
    gone = {**resource, "ResourceId": "mi-00000000000000000"}
    assert hybrid.emulated.refused("ssm", "list_tags_for_resource", **gone)[0] == "InvalidResourceId"


@pytest.mark.parametrize(
    ("told", "code", "says"),
    [
        ({"ACTIVATION_CODE": "x" * 20}, 69, "InvalidActivation"),
        ({"REGION": "us-east-1"}, 69, "InvalidActivation"),
        ({"ACTIVATION_ID": ""}, 64, "RAILYARD_CONSOLE_ACTIVATION_ID is not set"),
        ({"LIFETIME": ""}, 64, "RAILYARD_CONSOLE_LIFETIME is not set"),
        ({"LIFETIME": "an hour"}, 64, "must be seconds"),
    ],
)
def test_a_console_that_is_told_something_wrong_ends(hybrid: Hybrid, told: dict[str, str], code: int, says: str) -> None:
    task = hybrid.made.ended(hybrid.start(hybrid.activation(), **told))
    assert (task["lastStatus"], task["containers"][0]["exitCode"]) == ("STOPPED", code)
    assert says in lines(hybrid, task["taskArn"]) and hybrid.nodes() == []


def test_an_activation_is_used_up_or_expires(hybrid: Hybrid) -> None:
    activation = hybrid.activation()
    hybrid.start(activation)
    hybrid.emulated.advance(60)
    second = hybrid.made.ended(hybrid.start(activation))
    assert second["containers"][0]["exitCode"] == 69 and "RegistrationLimitExceeded" in lines(hybrid, second["taskArn"])

    late = hybrid.activation(ExpirationDate=datetime.now(UTC) + timedelta(seconds=30))
    hybrid.emulated.advance(60 * 600)
    third = hybrid.made.ended(hybrid.start(late))
    assert third["containers"][0]["exitCode"] == 69 and "ActivationExpired" in lines(hybrid, third["taskArn"])
    assert [item["Expired"] for item in hybrid.ssm.describe_activations()["ActivationList"]] == [False, True]
    assert len(hybrid.nodes()) == 1


def test_a_node_outlives_its_task_and_its_activation_until_it_is_deregistered(hybrid: Hybrid) -> None:
    node, task = hybrid.node()
    hybrid.ssm.delete_activation(ActivationId=hybrid.nodes()[0]["ActivationId"])
    hybrid.made.ecs.stop_task(cluster=CLUSTER, task=task)
    hybrid.emulated.advance(60)
    # Nobody has missed it yet, but nobody can talk to it either.
    assert hybrid.nodes()[0]["PingStatus"] == "Online"
    assert hybrid.ssm.get_connection_status(Target=node)["Status"] == "notconnected"
    assert hybrid.emulated.refused("ssm", "start_session", Target=node) == ("TargetNotConnected", f"{node} is not connected.")
    hybrid.emulated.advance(400)
    assert hybrid.nodes()[0]["PingStatus"] == "ConnectionLost"
    assert described(hybrid, task)["containers"][0]["exitCode"] == 143

    hybrid.ssm.deregister_managed_instance(InstanceId=node)
    assert hybrid.nodes() == []
    assert hybrid.emulated.refused("ssm", "deregister_managed_instance", InstanceId=node)[0] == "InvalidInstanceId"


def test_a_console_may_deregister_itself_when_it_is_stopped(hybrid: Hybrid) -> None:
    hybrid.emulated.consoles(deregisters=True)
    _, task = hybrid.node()
    hybrid.made.ecs.stop_task(cluster=CLUSTER, task=task)
    hybrid.emulated.advance(60)
    assert hybrid.nodes() == []


def test_a_console_ends_by_itself_after_its_lifetime(hybrid: Hybrid) -> None:
    task = hybrid.start(hybrid.activation(), LIFETIME="1800")
    hybrid.emulated.advance(1700)
    assert described(hybrid, task)["lastStatus"] == "RUNNING"
    ended = hybrid.made.ended(task)
    assert (ended["lastStatus"], ended["containers"][0]["exitCode"]) == ("STOPPED", 124)
    assert "the 1800 seconds of this console are over" in lines(hybrid, task)


def test_the_tier_is_a_setting_of_account_and_region(hybrid: Hybrid) -> None:
    ssm = hybrid.ssm
    node, _ = hybrid.node()
    assert ssm.reset_service_setting(SettingId=TIER)["ServiceSetting"]["SettingValue"] == "standard"
    code, message = hybrid.emulated.refused("ssm", "start_session", Target=node)
    assert (code, message) == ("BadRequest", "Enable advanced-instances tier to use Session Manager with your on-premises instances")
    setting = ssm.get_service_setting(SettingId=TIER)["ServiceSetting"]
    assert setting["Status"] == "Default" and setting["ARN"].endswith(f":servicesetting{TIER}")

    with fargate.slowly(hybrid.emulated):
        ssm.update_service_setting(SettingId=setting["ARN"], SettingValue="advanced")
        assert ssm.get_service_setting(SettingId=TIER)["ServiceSetting"]["Status"] == "PendingUpdate"
        assert hybrid.emulated.refused("ssm", "start_session", Target=node) == (code, message)
        hybrid.emulated.advance(10)
    changed = ssm.get_service_setting(SettingId=setting["ARN"])["ServiceSetting"]
    assert (changed["SettingValue"], changed["Status"]) == ("advanced", "Customized")
    assert hybrid.emulated.client("ssm", "us-east-1").get_service_setting(SettingId=TIER)["ServiceSetting"]["SettingValue"] == "standard"
    assert hybrid.emulated.refused("ssm", "update_service_setting", SettingId=TIER, SettingValue="golden")[0] == "ValidationException"
    assert hybrid.emulated.refused("ssm", "get_service_setting", SettingId="/ssm/nothing")[0] == "ServiceSettingNotFound"
    assert ssm.start_session(Target=node)["SessionId"]
