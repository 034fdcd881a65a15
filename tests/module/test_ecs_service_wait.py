"""Waiting for the tasks of a service, and saying why they do not run."""

from tests.support.emulated import Emulated


def service(emulated: Emulated, image: str) -> None:
    ec2, ecs = emulated.client("ec2"), emulated.client("ecs")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24")["Subnet"]["SubnetId"]
    group = ec2.create_security_group(GroupName="app", Description="app", VpcId=vpc)["GroupId"]
    ecs.create_cluster(clusterName="shop")
    ecs.register_task_definition(
        family="worker",
        networkMode="awsvpc",
        requiresCompatibilities=["FARGATE"],
        cpu="256",
        memory="512",
        containerDefinitions=[{"name": "worker", "image": image}],
    )
    ecs.create_service(
        cluster="shop",
        serviceName="worker",
        taskDefinition="worker",
        desiredCount=2,
        launchType="FARGATE",
        networkConfiguration={"awsvpcConfiguration": {"subnets": [subnet], "securityGroups": [group], "assignPublicIp": "ENABLED"}},
    )


def test_it_waits_until_the_tasks_run(emulated: Emulated) -> None:
    service(emulated, "worker:1")
    result = emulated.run("ecs_service_info", cluster="shop", wait_timeout=60)
    assert [(item["running_count"], item["desired_count"]) for item in result["services"]] == [(2, 2)]


def test_when_they_never_run_it_says_why(emulated: Emulated) -> None:
    emulated.script(image="worker:2", reason="CannotPullContainerError: the image is not there", stop_code="TaskFailedToStart")
    service(emulated, "worker:2")
    emulated.advance(120)
    failed = emulated.run("ecs_service_info", cluster="shop", wait_timeout=1)
    assert failed["failed"] and "worker 0 of 2" in failed["msg"] and "CannotPullContainerError" in failed["msg"]
    assert failed["services"][0]["service_name"] == "worker"
