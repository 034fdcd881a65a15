"""ssm_managed_node and ssm_managed_node_info against the emulated Systems Manager, whose nodes are agents in emulated tasks."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support import fargate, roles
from tests.support.emulated import REGION, Emulated
from tests.support.walk import differences

ROLE = "shop-production-console"
SHOP = {"application": "shop", "environment": "production"}
BLOG = {"application": "blog", "environment": "production"}


@pytest.fixture
def made(emulated: Emulated) -> fargate.Fargate:
    roles.make(emulated, "node", ROLE)
    return fargate.build(emulated)


def join(made: fargate.Fargate, tags: dict[str, str]) -> tuple[str, str]:
    """(activation, task) of a node that has registered."""
    activation = made.emulated.client("ssm").create_activation(
        IamRole=ROLE, Tags=[{"Key": key, "Value": text} for key, text in tags.items()]
    )
    told = {"ACTIVATION_ID": activation["ActivationId"], "ACTIVATION_CODE": activation["ActivationCode"]}
    told |= {"REGION": REGION, "LIFETIME": "10000000"}
    environment = [{"name": f"RAILYARD_CONSOLE_{name}", "value": value} for name, value in told.items()]
    made.define(containerDefinitions=[{**fargate.CONTAINER, "environment": environment}])
    task = made.run()
    made.emulated.advance(300)
    return activation["ActivationId"], task


def nodes(emulated: Emulated, **params: Any) -> list[str]:
    found = emulated.run("ssm_managed_node_info", **params)
    assert differences("ssm_managed_node_info", found) == []
    return [node["instance_id"] for node in found["nodes"]]


def let_go(emulated: Emulated, **params: Any) -> dict[str, Any]:
    return emulated.run("ssm_managed_node", **params)


def test_nodes_are_found_and_deregistered_by_tags(made: fargate.Fargate) -> None:
    emulated = made.emulated
    activation, task = join(made, SHOP)
    join(made, BLOG)
    (shop,), (blog,) = nodes(emulated, tags=SHOP), nodes(emulated, tags=BLOG)
    assert nodes(emulated) == sorted([shop, blog]) and nodes(emulated, activation_id=activation) == [shop]
    assert nodes(emulated, ping_status="Online", tags=SHOP) == [shop] == nodes(emulated, ids=[shop, "mi-00000000000000000"])

    made.ecs.stop_task(cluster=fargate.CLUSTER, task=task)
    emulated.advance(600)
    assert nodes(emulated, ping_status="Online") == [blog] and nodes(emulated, ping_status="ConnectionLost") == [shop]

    before = emulated.writes()
    assert "somebody else" in let_go(emulated, ping_status="ConnectionLost")["msg"]
    predicted = let_go(emulated, tags=SHOP, ping_status="ConnectionLost", check=True)
    assert predicted["changed"] and predicted["diff"]["before"]["nodes"][0]["instance_id"] == shop and emulated.writes() == before

    gone = let_go(emulated, tags=SHOP, ping_status="ConnectionLost")
    assert gone["changed"] and gone["nodes"] == [] and differences("ssm_managed_node", gone) == []
    assert nodes(emulated) == [blog] and not let_go(emulated, tags=SHOP)["changed"]

    assert let_go(emulated, ids=[blog])["changed"] and nodes(emulated) == []
    assert not let_go(emulated, ids=[blog])["changed"]
