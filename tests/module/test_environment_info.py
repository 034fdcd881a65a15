"""environment_info against the emulated AWS."""

import json

from tests.support.emulated import Emulated
from tests.support.walk import differences


def listed(emulated: Emulated) -> list[tuple[str, str, bool]]:
    result = emulated.run("environment_info", application="shop", environment="staging")
    assert differences("environment_info", result) == []
    return [(item["kind"], item["id"], item["data"]) for item in result["resources"]]


def test_it_lists_ours_and_nobody_elses(emulated: Emulated) -> None:
    assert listed(emulated) == []

    ec2, logs, iam, ssm = (emulated.client(service) for service in ("ec2", "logs", "iam", "ssm"))
    vpc = ec2.create_vpc(CidrBlock="10.1.0.0/16")["Vpc"]["VpcId"]
    tags = [{"Key": "application", "Value": "shop"}, {"Key": "environment", "Value": "staging"}]
    ec2.create_tags(Resources=[vpc], Tags=tags)
    ec2.create_vpc(CidrBlock="10.2.0.0/16")
    emulated.client("ecs").create_cluster(clusterName="shop-staging")
    emulated.client("ecs").create_cluster(clusterName="shop-staging2")
    emulated.client("ecr").create_repository(repositoryName="shop-staging")
    allow = {"Effect": "Allow", "Principal": {"Service": ["ecs-tasks.amazonaws.com", "ssm.amazonaws.com"]}, "Action": "sts:AssumeRole"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [allow]})
    iam.create_role(RoleName="shop-staging-task", AssumeRolePolicyDocument=trust)
    logs.create_log_group(logGroupName="/shop/staging/web")
    logs.create_log_group(logGroupName="/shop/staging2/web")
    ssm.put_parameter(Name="/shop/staging/RAILS_MASTER_KEY", Type="SecureString", Value="x")
    activation = ssm.create_activation(IamRole="shop-staging-task", Tags=tags)["ActivationId"]
    ssm.create_activation(IamRole="shop-staging-task", Tags=tags[:1])
    session = {"schemaVersion": "1.0", "sessionType": "Port", "properties": {"portNumber": "5432"}}
    for name in ("shop-staging-forward", "shop-staging2-forward"):
        ssm.create_document(Name=name, DocumentType="Session", DocumentFormat="JSON", Content=json.dumps(session))

    assert listed(emulated) == [
        ("ecs cluster", "shop-staging", False),
        ("hybrid activation", activation, False),
        ("image repository", "shop-staging", True),
        ("log group", "/shop/staging/web", True),
        ("parameter", "/shop/staging/RAILS_MASTER_KEY", True),
        ("role", "shop-staging-task", False),
        ("session document", "shop-staging-forward", False),
        ("vpc", vpc, False),
    ]
