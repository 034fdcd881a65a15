"""environment_info against the emulated AWS."""

import json

from tests.support import one
from tests.support.emulated import Emulated
from tests.support.fargate import build, slowly
from tests.support.names import option
from tests.support.walk import differences

CONTAINER = {"name": "web", "image": "public.ecr.aws/docker/library/ruby:3.4"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}],
}


def listed(emulated: Emulated) -> list[tuple[str, str, bool]]:
    result = emulated.run("environment_info", names=option("shop", "staging"))
    assert differences("environment_info", result) == []
    return [(item["kind"], item["id"], item["data"]) for item in result["resources"]]


def test_info_lists_only_resources_of_the_environment(emulated: Emulated) -> None:
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


def _labels(environment: str, manager: str = "railyard") -> dict[str, str]:
    return {"application": "shop", "environment": environment, "managed-by": manager}


def _pairs(environment: str, manager: str = "railyard") -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in _labels(environment, manager).items()]


def test_a_neighbour_whose_name_begins_alike_is_not_listed(emulated: Emulated) -> None:
    """`shop-local` beside `shop-local-two`, whose parts all begin with the other's name."""
    for environment in ("local", "local-two"):
        base, labels, pairs = f"shop-{environment}", _labels(environment), _pairs(environment)
        emulated.client("ecs").create_cluster(clusterName=base, tags=[{"key": key, "value": value} for key, value in labels.items()])
        one.run(emulated, "ecs_task_definition", family=f"{base}-web", cpu=256, memory=512, containers=[CONTAINER], tags=labels)
        emulated.run("iam_service_role", roles=[{"name": f"{base}-task", "trust": TRUST}], tags=labels)
        emulated.client("logs").create_log_group(logGroupName=f"/shop/{environment}/web", tags=labels)
        emulated.client("ssm").put_parameter(Name=f"/shop/{environment}/KEY", Type="SecureString", Value="x", Tags=pairs)
        emulated.client("ecr").create_repository(repositoryName=base, tags=pairs)
        emulated.client("codedeploy").create_application(applicationName=base, computePlatform="ECS", tags=pairs)
        emulated.run(
            "codedeploy_deployment_config", name=f"{base}-canary-10-5", traffic_routing={"type": "canary", "percentage": 10, "interval": 5}
        )
        emulated.run("s3_bucket", name=f"{base}-releases-123456789012", tags=labels)

    def ids(environment: str) -> set[str]:
        found = emulated.run("environment_info", names=option("shop", environment))["resources"]
        assert all(item["owned"] and item["owner"] == "" for item in found)
        return {item["id"] for item in found}

    first, second = ids("local"), ids("local-two")
    assert first & second == set() and len(first) == len(second) == 7
    assert not any("local-two" in name for name in first), first


def test_what_has_our_name_without_our_tags_is_told_apart(emulated: Emulated) -> None:
    emulated.client("ecr").create_repository(repositoryName="shop-local", tags=_pairs("local", "terraform"))
    emulated.client("codedeploy").create_application(applicationName="shop-local", computePlatform="ECS")
    result = emulated.run("environment_info", names=option(), network=True)
    assert differences("environment_info", result) == []
    assert [(item["kind"], item["owned"], item["owner"]) for item in result["resources"]] == [
        ("codedeploy application", False, "it has no tags"),
        ("image repository", False, "its tags say managed-by: terraform, application: shop, environment: local"),
    ]


def test_what_somebody_else_has_in_our_network(emulated: Emulated) -> None:
    ec2 = emulated.client("ec2")
    vpc = emulated.run("ec2_vpc", name="shop-local", cidr="10.0.0.0/16", tags=_labels("local"))["vpc"]["id"]
    tagged = [{"ResourceType": "subnet", "Tags": _pairs("local")}]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/20", TagSpecifications=tagged)["Subnet"]["SubnetId"]
    groups = emulated.run("ec2_security_groups", vpc_id=vpc, security_groups=[{"name": "shop-local-app"}], tags=_labels("local"))
    group = groups["security_groups"][0]["group_id"]

    def holders() -> list[dict[str, str]]:
        result = emulated.run("environment_info", names=option(), network=True)
        assert differences("environment_info", result) == []
        found: list[dict[str, str]] = result["in_network"]
        return found

    assert holders() == []
    made = ec2.create_network_interface(SubnetId=subnet, Groups=[group], Description="AWS Lambda VPC ENI-bill")["NetworkInterface"]
    theirs = ec2.create_security_group(VpcId=vpc, GroupName="billing", Description="x")["GroupId"]
    assert [(item["kind"], item["id"]) for item in holders()] == [
        ("network interface", made["NetworkInterfaceId"]),
        ("security group", theirs),
    ]
    assert "AWS Lambda VPC ENI-bill" in holders()[0]["description"] and "shop-local-app" in holders()[0]["description"]
    of_database = ec2.create_network_interface(SubnetId=subnet, Groups=[group, theirs], Description="RDSNetworkInterface")
    assert of_database["NetworkInterface"]["NetworkInterfaceId"] not in str(holders()), "our database may have a group of theirs besides"
    of_another = ec2.create_network_interface(SubnetId=subnet, Groups=[theirs], Description="RDSNetworkInterface")
    assert of_another["NetworkInterface"]["NetworkInterfaceId"] in str(holders())
    for interface in (made, of_database["NetworkInterface"], of_another["NetworkInterface"]):
        ec2.delete_network_interface(NetworkInterfaceId=interface["NetworkInterfaceId"])
    ec2.delete_security_group(GroupId=theirs)

    acl = ec2.create_network_acl(VpcId=vpc)["NetworkAcl"]["NetworkAclId"]
    egress = ec2.create_egress_only_internet_gateway(VpcId=vpc)["EgressOnlyInternetGateway"]["EgressOnlyInternetGatewayId"]
    elsewhere = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.create_egress_only_internet_gateway(VpcId=elsewhere)
    vpn, _other = (ec2.create_vpn_gateway(Type="ipsec.1")["VpnGateway"]["VpnGatewayId"] for _ in range(2))
    ec2.attach_vpn_gateway(VpnGatewayId=vpn, VpcId=vpc)
    assert [(item["kind"], item["id"], item["vpc_id"]) for item in holders()] == [
        ("VPN gateway", vpn, vpc),
        ("network ACL", acl, vpc),
        ("egress-only internet gateway", egress, vpc),
    ]
    ec2.detach_vpn_gateway(VpnGatewayId=vpn, VpcId=vpc)
    assert vpn not in [item["id"] for item in holders()]


def test_tasks_in_our_cluster_that_no_service_runs(emulated: Emulated) -> None:
    """Those that a destroy ends, one-off tasks and consoles with our tags, are no news."""
    made = build(emulated)
    emulated.client("ec2").create_tags(Resources=[made.vpc], Tags=_pairs("local"))
    ecs = made.ecs
    ecs.create_cluster(clusterName="shop-local")
    labels = [{"key": key, "value": value} for key, value in _labels("local").items()]
    families = ["shop-local-web", "shop-local-run", "shop-local-console"]
    for family in families:
        made.define(family=family)
    made.ecs.create_service(**made.service(cluster="shop-local", taskDefinition="shop-local-web", desiredCount=1))
    with slowly(emulated):
        arns = {
            (family, tagged): made.run(cluster="shop-local", taskDefinition=family, tags=labels if tagged else None)
            for family in families
            for tagged in (True, False)
        }
        listed = ecs.list_tasks(cluster="shop-local", serviceName="web")["taskArns"]
        found = emulated.run("environment_info", names=option(), network=True)["in_network"]
    told = {item["id"]: item["description"] for item in found if item["kind"] == "ecs task"}
    ended = {("shop-local-run", True), ("shop-local-console", True)}
    assert set(told) == {arn for which, arn in arns.items() if which not in ended} and not set(told) & set(listed)
    assert told[arns["shop-local-web", False]] == "of shop-local-web; it has no tags"


def test_a_connection_is_found_on_any_page(emulated: Emulated) -> None:
    connections = emulated.client("codeconnections")
    for number in range(100):
        connections.create_connection(ProviderType="GitHub", ConnectionName=f"other-{number}")
    tags = _pairs("staging")
    own = connections.create_connection(ProviderType="GitHub", ConnectionName="shop-staging", Tags=tags)["ConnectionArn"]
    assert listed(emulated) == [("connection", own, False)]
