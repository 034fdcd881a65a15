"""site.yml and destroy.yml as their users type them."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support import persons_of_iam
from tests.support.emulated import Emulated
from tests.support.names import option
from tests.support.playbooks import converge, play

# What a converge asks that has nothing to do, beside the lock's writes: 105 calls for about 80 resources, where Terraform asks two
# or three for each. Six ask whose the resources are.
CALLS = 105
# Of which so many ask what has been asked already.
REPEATED = 0.03
DATA = {"database snapshot", "image repository", "log group", "parameter", "bucket"}


def check_order(written: list[str]) -> None:
    """Of what a first converge has made: little before the database, everything that does not need its address beside it."""
    database, services = written.index("CreateDBInstance"), written.index("CreateService")
    address = len(written) - written[::-1].index("PutParameter") - 1
    before = {name for name in written[:database] if name.startswith("Create")}
    network = {"CreateVpc", "CreateInternetGateway", "CreateSubnet", "CreateRouteTable", "CreateRoute", "CreateSecurityGroup"}
    assert before == {*network, "CreateServiceLinkedRole", "CreateDBSubnetGroup", "CreateDBParameterGroup"}
    beside = {"CreateRepository", "CreateLoadBalancer", "CreateTargetGroup", "CreateListener", "CreateCluster", "CreateLogGroup"}
    assert beside | {"CreateRole", "RegisterTaskDefinition"} <= set(written[database:address])
    assert written[address + 1 : services] == [], "tasks read the address when they start, and nothing else is in their way"


def left(emulated: Emulated) -> set[str]:
    resources = emulated.run("environment_info", names=option())["resources"]
    return {resource["kind"] for resource in resources}


def test_check_on_an_empty_account_writes_nothing(emulated: Emulated) -> None:
    played = converge(emulated, "--check")
    assert played.count("changed") > 10
    assert emulated.writes() == ["ssm:PutParameter"] or emulated.writes() == []


def test_converge_then_a_change_by_hand_then_destroy(emulated: Emulated, monkeypatch: pytest.MonkeyPatch) -> None:
    first = converge(emulated)
    assert first.output.index("ecs : cluster | Create or update the cluster") < first.output.index("rds : await |")
    assert "2 of 2 tasks run" in first.output or "tasks run" in first.output
    check_order([entry["operation"] for entry in emulated.journal() if entry["changed"] and entry["service"] != "s3"])

    logs = emulated.client("logs")
    logs.put_retention_policy(logGroupName="/shop/local/web", retentionInDays=1)
    elbv2 = emulated.client("elbv2")
    # The live one keeps its health check until a release.
    group = elbv2.describe_target_groups(Names=["shop-local-green"])["TargetGroups"][0]["TargetGroupArn"]
    elbv2.modify_target_group(TargetGroupArn=group, HealthCheckPath="/by-hand")
    seen = converge(emulated, "--check", "--diff")
    assert seen.changed_tasks == [
        "railyard.fargate.alb : target_groups | Create or update both target groups",
        "railyard.fargate.ecs : logs | Create or update a log group for each process",
    ]
    assert "-    health_check_path: /by-hand" in seen.output and "+    health_check_path: /up" in seen.output
    mended = converge(emulated)
    assert mended.changed_tasks == seen.changed_tasks

    monkeypatch.setenv("RAILYARD_READ_AHEAD", "0")
    asked = len(emulated.journal())
    assert converge(emulated).count("changed") == 0
    made = [entry for entry in emulated.journal()[asked:] if entry["operation"] != "PutObject"]
    assert len(made) <= CALLS
    assert [(entry["service"], entry["operation"]) for entry in made if entry["write"]] == [("s3", "DeleteObject")], "the lock's end"
    requests = Counter((entry["service"], entry["operation"], entry["request"]) for entry in made)
    repeated = {request[:2]: number - 1 for request, number in requests.items() if number > 1}
    assert sum(repeated.values()) < REPEATED * len(made), repeated

    refused = play(emulated, "playbooks/destroy.yml", "-e", "destroy=shop-production")
    assert refused.code != 0 and "is not the name of this environment" in refused.output
    assert "ecs cluster" in left(emulated)

    deployer = persons_of_iam.make(emulated, "deployer")
    with persons_of_iam.judged(emulated):
        gone = play(emulated, "playbooks/destroy.yml", "-e", "destroy=shop-local", *deployer.words)
    assert gone.code == 0, gone.output
    assert left(emulated) <= DATA and "database snapshot" in left(emulated)

    with persons_of_iam.judged(emulated):
        everything = play(emulated, "playbooks/destroy.yml", "-e", "destroy=shop-local", "-e", "delete_data=true", *deployer.words)
    assert everything.code == 0, everything.output
    assert left(emulated) == set()
