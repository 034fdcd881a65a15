"""Two environments in one run: what differs without a reason is found, what is allowed is not, and each one's own is no difference."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.support.environments import ACCOUNTS, Environments

STAGING, PRODUCTION = "staging", "production"
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@dataclass(frozen=True)
class Live:
    """A change by hand in one environment, and where it is to be seen."""

    resource: str
    field: str
    make: Callable[[Callable[[str], Any]], Any]


def _balancer(client: Callable[[str], Any], name: str = STAGING) -> str:
    return str(client("elbv2").describe_load_balancers(Names=[f"shop-{name}"])["LoadBalancers"][0]["LoadBalancerArn"])


def _group(client: Callable[[str], Any], colour: str) -> str:
    return str(client("elbv2").describe_target_groups(Names=[f"shop-{STAGING}-{colour}"])["TargetGroups"][0]["TargetGroupArn"])


def _open(client: Callable[[str], Any]) -> None:
    filters = [{"Name": "group-name", "Values": [f"shop-{STAGING}-app"]}]
    group = client("ec2").describe_security_groups(Filters=filters)["SecurityGroups"][0]["GroupId"]
    rule = [{"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
    client("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=rule)


def _backups(client: Callable[[str], Any]) -> None:
    client("rds").modify_db_instance(DBInstanceIdentifier=f"shop-{STAGING}", BackupRetentionPeriod=9, ApplyImmediately=True)


def _scaled(client: Callable[[str], Any]) -> None:
    target = {"ServiceNamespace": "ecs", "ScalableDimension": "ecs:service:DesiredCount", "ResourceId": f"service/shop-{STAGING}/web"}
    client("application-autoscaling").register_scalable_target(**target, MinCapacity=1, MaxCapacity=9)


LIVE = (
    Live("ec2 security group <environment>-app", "ingress", _open),
    Live("rds instance <environment>", "backup_retention_period", _backups),
    Live("application scalable target service/<environment>/web", "max_capacity", _scaled),
    Live(
        "elbv2 load balancer <environment>",
        "attributes.idle_timeout.timeout_seconds",
        lambda client: client("elbv2").modify_load_balancer_attributes(
            LoadBalancerArn=_balancer(client), Attributes=[{"Key": "idle_timeout.timeout_seconds", "Value": "7"}]
        ),
    ),
    Live(
        "elbv2 target group <environment>-green",
        "attributes.deregistration_delay.timeout_seconds",
        lambda client: client("elbv2").modify_target_group_attributes(
            TargetGroupArn=_group(client, "green"), Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "7"}]
        ),
    ),
    Live(
        "ecr repository <environment>",
        "image_tag_mutability",
        lambda client: client("ecr").put_image_tag_mutability(repositoryName=f"shop-{STAGING}", imageTagMutability="MUTABLE"),
    ),
    Live(
        "iam role <environment>-task",
        "policies.by-hand",
        lambda client: client("iam").put_role_policy(RoleName=f"shop-{STAGING}-task", PolicyName="by-hand", PolicyDocument=ALLOW),
    ),
    Live(
        "s3 bucket <environment>-releases-<account>",
        "public_access_blocked",
        lambda client: client("s3").delete_public_access_block(Bucket=f"shop-{STAGING}-releases-{ACCOUNTS[STAGING]}"),
    ),
    Live(
        "ecs cluster <environment>",
        "settings",
        lambda client: client("ecs").update_cluster_settings(
            cluster=f"shop-{STAGING}", settings=[{"name": "containerInsights", "value": "enhanced"}]
        ),
    ),
    Live(
        "codedeploy deployment group web",
        "auto_rollback_configuration",
        lambda client: client("codedeploy").update_deployment_group(
            applicationName=f"shop-{STAGING}", currentDeploymentGroupName="web", autoRollbackConfiguration={"enabled": False, "events": []}
        ),
    ),
)
# Declared for staging alone, beside the files that both share, and where it is to be seen.
DECLARED = {
    "alb_idle_timeout": (120, "elbv2 load balancer <environment>", "attributes.idle_timeout.timeout_seconds"),
    "ecr_scan_on_push": (False, "ecr repository <environment>", "scan_on_push"),
    "rds_performance_insights": (False, "rds instance <environment>", "enable_performance_insights"),
    "rds_settings": ({"log_min_duration_statement": 500}, "rds parameter group <environment>-postgres17", "parameters"),
    "ecs_scale_in_cooldown": (600, "application scalable target service/<environment>/web", "policies.cpu"),
    "railyard_console_minutes": (30, "ssm document <environment>-console", "content"),
}


def parity(environments: Environments, *words: str) -> tuple[int, dict[str, Any]]:
    writes = environments.emulated.writes()
    played = environments.play("playbooks/parity.yml", "-e", "format=json", *words)
    assert environments.emulated.writes() == writes
    text = played.output[played.output.index("{") : played.output.rindex("}") + 1]
    return played.code, dict(json.loads(text))


def missed(found: dict[str, Any], wanted: list[tuple[str, str]]) -> list[tuple[str, str]]:
    seen = [(f"{one['kind']} {one['name']}", str(one["field"])) for one in found["differences"]]
    return [(resource, field) for resource, field in wanted if not any(of == resource and at.startswith(field) for of, at in seen)]


def test_the_shipped_inventories_are_alike_but_for_what_is_allowed(environments: Environments, tmp_path: Path) -> None:
    code, found = parity(environments)
    assert (code, found["result"], found["differences"]) == (0, "equal", []), [
        (one["kind"], one["name"], one["field"]) for one in found["differences"]
    ]
    assert {STAGING, PRODUCTION} == set(found["environments"]) and found["compared"] > 40
    assert found["allowed"] and found["unused"] == [] and all(one["reason"] for one in found["allowed"])
    for change in LIVE:
        change.make(lambda service: environments.client(service, STAGING))
    keys = Path(environments.inventory[-1])
    own = {"all": {"hosts": {f"shop_{STAGING}": {name: value for name, (value, *_where) in DECLARED.items()}}}}
    more = keys.with_name("more.yml")
    more.write_text(json.dumps(own))
    changed = Environments(environments.emulated, (*environments.inventory, str(more)))
    code, found = parity(changed)
    wanted = [(one.resource, one.field) for one in LIVE] + [(resource, field) for _value, resource, field in DECLARED.values()]
    assert code and found["result"] == "different" and missed(found, wanted) == []
    resources = {resource for resource, _field in wanted}
    assert {f"{one['kind']} {one['name']}" for one in found["differences"]} - resources <= {
        "application scalable target service/<environment>/worker",
        "ssm document <environment>-forward",
    }
    played = changed.play("playbooks/parity.yml")
    assert played.code and "without a reason" in played.output and "idle_timeout" in played.output
    page = tmp_path / "parity.html"
    changed.play("playbooks/parity.yml", "-e", "format=page", "-e", f"output={page}")
    assert "prefers-color-scheme: dark" in page.read_text()
