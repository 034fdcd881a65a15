"""The part of the pre-flight that asks AWS."""

import json

from tests.support import fargate
from tests.support.emulated import Emulated
from tests.support.releases import Deployer
from tests.support.walk import differences

ACCOUNT = "123456789012"


def run(emulated: Emulated, **params):
    return emulated.run("preflight", **{"account_id": ACCOUNT, "secrets": {}, "store": "store-it", **params})


def test_caller_and_secrets_in_three_reads_and_no_write(emulated: Emulated) -> None:
    ssm = emulated.client("ssm")
    ssm.put_parameter(Name="/shop/production/KEY", Type="SecureString", Value="hush")
    ssm.put_parameter(Name="/shop/production/KEY", Type="SecureString", Value="hush-hush", Overwrite=True)
    before = len(emulated.journal())
    result = run(emulated, secrets={"KEY": "/shop/production/KEY"}, check=True)
    assert differences("preflight", result) == [] and not result["changed"]
    assert result["secrets"] == {"KEY": {"arn": f"arn:aws:ssm:eu-west-1:{ACCOUNT}:parameter/shop/production/KEY", "version": 2}}
    assert (result["account_id"], result["region"]) == (ACCOUNT, "eu-west-1") and ACCOUNT in result["caller_arn"]
    calls = [(call["operation"], call["write"]) for call in emulated.journal()[before:]]
    assert sorted(calls) == [("DescribeParameters", False), ("GetCallerIdentity", False), ("GetParameters", False)]
    assert "hush" not in str(result)


def test_many_secrets_are_asked_for_ten_at_a_time_and_all_that_is_wrong_is_told(emulated: Emulated) -> None:
    emulated.client("ssm").put_parameter(Name="/shop/production/S3", Type="String", Value="hush")
    emulated.client("ssm").put_parameter(Name="/shop/production/S7", Type="SecureString", Value="hush")
    result = run(emulated, secrets={f"S{number}": f"/shop/production/S{number}" for number in range(12)})
    assert result["failed"] and len(result["problems"]) == 11 and "hush" not in str(result)
    assert result["problems"][3]["what"] == "/shop/production/S3 is a String, which is kept and shown in the clear"
    assert result["problems"][4] == {
        "what": f"/shop/production/S4 is not in Parameter Store (account {ACCOUNT}, eu-west-1)",
        "path": ["railyard_secrets", 4],
        "right": "store it: store-it -e secret=S4",
    }
    assert [entry["operation"] for entry in emulated.journal()].count("GetParameters") == 2


def test_another_account_is_shown_with_the_caller_and_its_secrets_are_no_topic(emulated: Emulated) -> None:
    result = run(emulated, account_id="999999999999", secrets={"KEY": "/shop/production/KEY"})
    (problem,) = result["problems"]
    assert ACCOUNT in problem["what"] and "999999999999" in problem["what"] and "arn:aws:" in problem["what"]
    assert problem["path"] == ["railyard_account_id"]


def test_requested_by_is_the_caller(emulated: Emulated) -> None:
    result = run(emulated)
    assert result["requested_by"] == result["caller_arn"].split(":", 5)[-1]


def test_the_image_to_begin_with_is_looked_at_as_long_as_nothing_is_live(emulated: Emulated) -> None:
    wanted = {"cluster": "shop", "engine": "codedeploy", "repository": "shop", "image": "sha256:" + "b" * 64}
    result = run(emulated, **wanted)
    assert result["problems"][0]["what"] == f"the repository shop has no image {wanted['image']}"
    assert result["problems"][0]["path"] == ["railyard_image"]

    emulated.client("ecr").create_repository(repositoryName="shop")
    pushed = Deployer(emulated, "shop").push("1a2b3c4")
    assert run(emulated, **wanted)["failed"]
    assert not run(emulated, **{**wanted, "image": pushed.partition("@")[2]}).get("failed")

    made = fargate.build(emulated, balanced=True)
    nothing = pushed.partition("@")[0] + "@sha256:" + "0" * 64
    waits = made.define(containerDefinitions=[{**fargate.CONTAINER, "image": nothing}])
    made.ecs.create_service(**made.blue_green(taskDefinition=waits, desiredCount=0))
    assert run(emulated, **wanted)["failed"], "a service that waits for its first image"
    made.ecs.delete_service(cluster="shop", service="web", force=True)
    emulated.advance(600)
    live = made.define(containerDefinitions=[{**fargate.CONTAINER, "image": pushed}])
    made.ecs.create_service(**made.blue_green(taskDefinition=live, desiredCount=0))
    asked = len(emulated.journal())
    assert not run(emulated, **wanted).get("failed"), "releases own the image now"
    assert "DescribeImages" not in [entry["operation"] for entry in emulated.journal()[asked:]]


def test_keys_of_secrets_that_customers_manage_are_named_or_refused(emulated: Emulated) -> None:
    kms, ssm = emulated.client("kms"), emulated.client("ssm")
    good, bad = (kms.create_key()["KeyMetadata"] for _ in range(2))
    kms.create_alias(AliasName="alias/shop", TargetKeyId=good["KeyId"])
    for name, key in {
        "OWN": {},
        "BY_ALIAS": {"KeyId": "alias/shop"},
        "BY_ARN": {"KeyId": good["Arn"]},
        "BAD": {"KeyId": bad["Arn"]},
    }.items():
        ssm.put_parameter(Name=f"/shop/production/{name}", Type="SecureString", Value="hush", **key)
    named = {name: f"/shop/production/{name}" for name in ("OWN", "BY_ALIAS", "BY_ARN")}
    assert run(emulated, secrets=named)["secret_kms_key_arns"] == [good["Arn"]]
    kms.disable_key(KeyId=bad["KeyId"])
    (problem,) = run(emulated, secrets={**named, "BAD": "/shop/production/BAD"})["problems"]
    assert problem["path"] == ["railyard_secrets", 3] and "the key is Disabled" in problem["what"] and "hush" not in str(problem)


DATABASE = {
    "db_instance_identifier": "shop-production",
    "region": "eu-west-1",
    "engine": "postgres",
    "engine_version": "17",
    "db_instance_class": "db.t4g.small",
    "allocated_storage": 50,
    "max_allocated_storage": None,
    "multi_az": True,
    "paths": {"class": ["railyard_sizes", "database", "class"], "version": ["railyard_database", "version"]},
}


def test_a_database_that_the_region_does_not_offer_is_refused(emulated: Emulated) -> None:
    for changes, what, right in (
        ({"db_instance_class": "db.t4g.tiny"}, "RDS offers no db.t4g.tiny for postgres in eu-west-1", "db.t4g."),
        ({"db_instance_class": "db.z9x.small"}, "RDS offers no db.z9x.small", ", for example"),
        ({"engine_version": "12"}, "RDS offers no postgres 12 on db.t4g.small in eu-west-1", "16, 17 or 18"),
        ({"engine_version": "17.3"}, "RDS offers no postgres 17.3", "17.2, 17.4"),
    ):
        (problem,) = run(emulated, database={**DATABASE, **changes})["problems"]
        assert what in problem["what"] and right in problem["right"], problem
    assert run(emulated, database=DATABASE)["kept"] == []


def test_zones_of_subnets_are_looked_at_before_there_is_a_database(emulated: Emulated) -> None:
    (problem,) = run(emulated, database={**DATABASE, "zones": ["eu-west-1a", "eu-west-1x"]})["problems"]
    assert problem == {
        "what": "eu-west-1 has no available zone eu-west-1x",
        "path": ["vpc_zones", 1],
        "right": "eu-west-1a, eu-west-1b or eu-west-1c",
    }
    (problem,) = run(emulated, database={**DATABASE, "zone_count": 4})["problems"]
    assert problem["path"] == ["vpc_zone_count"] and "3 zones with Fargate" in problem["what"] and "vpc_zones" in problem["right"]


def test_policies_that_roles_are_to_have_must_be_there(emulated: Emulated) -> None:
    allow = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    own = emulated.client("iam").create_policy(PolicyName="bounds", PolicyDocument=allow)["Policy"]["Arn"]
    wanted = {own: ["railyard_permissions_boundary"], "arn:aws:iam::aws:policy/ReadOnlyAccess": ["ecs_task_managed_policies", 0]}
    assert not run(emulated, policies=wanted).get("failed")
    (problem,) = run(emulated, policies={**wanted, f"{own}-typo": ["ecs_task_managed_policies", 1]})["problems"]
    assert problem["what"] == f"account {ACCOUNT} has no policy {own}-typo" and problem["path"] == ["ecs_task_managed_policies", 1]
    elsewhere = own.replace(ACCOUNT, "999999999999")
    (problem,) = run(emulated, policies={elsewhere: ["codedeploy_permissions_boundary"]})["problems"]
    assert problem["what"] == f"account {ACCOUNT} has no policy {elsewhere}"
    emulated.faults({"fault": "refuse", "operation": "iam:GetPolicy", "code": "AccessDenied", "message": "no"})
    assert not run(emulated, policies={f"{own}-typo": ["railyard_permissions_boundary"]}).get("failed"), "who may not look is told nothing"
