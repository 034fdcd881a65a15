"""codedeploy_deployment_config against the emulated CodeDeploy."""

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "canary-10-percent-5-minutes"
CANARY = {"type": "canary", "percentage": 10, "interval": 5}


def run(emulated: Emulated, **params):
    return emulated.run("codedeploy_deployment_config", **{"name": NAME, "traffic_routing": CANARY, **params})


def test_check_create_again_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and differences("codedeploy_deployment_config", predicted) == []
    assert not emulated.writes()

    created = run(emulated)
    assert created["changed"] and differences("codedeploy_deployment_config", created) == []
    assert predicted["deployment_config"].items() <= created["deployment_config"].items()
    assert created["diff"]["before"] == {} and created["diff"]["after"] == predicted["deployment_config"]
    again = run(emulated)
    assert not again["changed"] and again["deployment_config"] == created["deployment_config"]

    assert run(emulated, state="absent", check=True)["changed"]
    assert run(emulated, state="absent")["changed"]
    code, _ = emulated.refused("codedeploy", "get_deployment_config", deploymentConfigName=NAME)
    assert code == "DeploymentConfigDoesNotExistException"
    assert not run(emulated, state="absent")["changed"]


def test_a_configuration_never_changes(emulated: Emulated) -> None:
    run(emulated)
    before = len(emulated.writes())
    for check in (True, False):
        failed = run(emulated, check=check, traffic_routing={**CANARY, "type": "linear"})
        assert failed["failed"] and "canary 10 % and 5 minutes and cannot become ECS, linear 10 % and 5 minutes" in failed["msg"]
        assert failed["live"]["traffic_routing_config"]["type"] == "TimeBasedCanary"
    assert len(emulated.writes()) == before


def test_codedeploys_own_are_refused(emulated: Emulated) -> None:
    for state in ("present", "absent"):
        assert "CodeDeploy's own" in run(emulated, name="CodeDeployDefault.ECSAllAtOnce", state=state)["msg"]
    assert not emulated.writes()


def test_info(emulated: Emulated) -> None:
    run(emulated)
    found = emulated.run("codedeploy_deployment_config_info", names=[NAME, "absent", "CodeDeployDefault.ECSCanary10Percent5Minutes"])
    assert not found["changed"] and differences("codedeploy_deployment_config_info", found) == []
    mine, default = found["deployment_configs"]
    assert mine["traffic_routing_config"] == default["traffic_routing_config"]
    made = emulated.run("codedeploy_deployment_config_info", predefined=False)
    assert made["deployment_configs"] == [mine]
    every = emulated.run("codedeploy_deployment_config_info")
    assert differences("codedeploy_deployment_config_info", every) == []
    assert {NAME, "CodeDeployDefault.OneAtATime"} <= {config["deployment_config_name"] for config in every["deployment_configs"]}
