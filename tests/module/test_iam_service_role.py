"""iam_service_role against the emulated IAM."""

import json
from typing import Any

from tests.support.emulated import Emulated
from tests.support.walk import differences

TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}
LOGS = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["logs:PutLogEvents"], "Resource": "*"}]}
ONE = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "logs:PutLogEvents", "Resource": ["*"]}}
MANAGED = "arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"


def run(emulated: Emulated, **changes: Any) -> dict[str, Any]:
    roles = [
        {"name": "shop-task", "description": "runs", "trust": TRUST},
        {
            "name": "shop-execution",
            "trust": TRUST,
            "policies": {"logs": LOGS},
            "managed_policies": [MANAGED],
            **changes.pop("execution", {}),
        },
    ]
    return emulated.run("iam_service_role", **{"roles": roles, "tags": {"application": "shop"}, **changes})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and not emulated.writes()

    created = run(emulated)
    assert created["changed"] and differences("iam_service_role", created) == []
    assert [dict(role, arn=None) for role in created["roles"]] == [dict(role, arn=None) for role in predicted["roles"]]
    assert not run(emulated)["changed"]
    assert not run(emulated, execution={"policies": {"logs": ONE}})["changed"]

    changed = run(emulated, execution={"policies": {"more": LOGS}, "managed_policies": []}, tags={"team": "checkout"})
    assert changed["changed"]
    iam = emulated.client("iam")
    assert iam.list_role_policies(RoleName="shop-execution")["PolicyNames"] == ["more"]
    assert iam.list_attached_role_policies(RoleName="shop-execution")["AttachedPolicies"] == []
    assert {tag["Key"] for tag in iam.get_role(RoleName="shop-task")["Role"]["Tags"]} == {"team"}

    by_hand = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "ec2.amazonaws.com"}}]}
    iam.update_assume_role_policy(RoleName="shop-task", PolicyDocument=json.dumps(by_hand))
    seen = run(emulated, execution={"policies": {"more": LOGS}, "managed_policies": []}, tags={"team": "checkout"}, check=True)
    assert seen["diff"]["before"]["roles"][0]["trust"] == by_hand and seen["diff"]["after"]["roles"][0]["trust"] == TRUST
    assert seen["diff"]["before"]["roles"][1] == seen["diff"]["after"]["roles"][1]

    assert run(emulated, state="absent")["changed"] and not run(emulated, state="absent")["changed"]
    assert emulated.refused("iam", "get_role", RoleName="shop-execution")[0] == "NoSuchEntity"


def test_a_role_without_trust_is_refused(emulated: Emulated) -> None:
    failed = emulated.run("iam_service_role", roles=[{"name": "shop-task"}])
    assert failed["failed"] and "shop-task" in failed["msg"] and not emulated.writes()


def test_a_permissions_boundary_bounds_every_role_and_stays(emulated: Emulated) -> None:
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    arns = [
        emulated.client("iam").create_policy(PolicyName=name, PolicyDocument=json.dumps(allow))["Policy"]["Arn"] for name in ("one", "two")
    ]
    wanted = {"roles": [{"name": "bounded-a", "trust": TRUST}, {"name": "bounded-b", "trust": TRUST}]}
    made = emulated.run("iam_service_role", **wanted, permissions_boundary=arns[0])
    assert [role["permissions_boundary"] for role in made["roles"]] == [arns[0], arns[0]], made
    assert not emulated.run("iam_service_role", **wanted, permissions_boundary=arns[0])["changed"]
    assert not emulated.run("iam_service_role", **wanted)["changed"]
    assert not emulated.run("iam_service_role", **wanted, permissions_boundary="")["changed"]
    changed = emulated.run("iam_service_role", **wanted, permissions_boundary=arns[1])
    assert changed["changed"] and {role["permissions_boundary"] for role in changed["roles"]} == {arns[1]}
    assert emulated.client("iam").get_role(RoleName="bounded-a")["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == arns[1]
    wrong = emulated.run("iam_service_role", **wanted, permissions_boundary=arns[0].replace("one", "none"))
    assert wrong["failed"] and "does not exist" in wrong["msg"]
