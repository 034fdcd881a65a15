"""What the emulated ECS refuses, with AWS's code and words. One row a refusal; the legal call beside each is accepted."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import CLUSTER, CONTAINER, LOGS, Fargate, build

Change = Callable[[Fargate], dict[str, Any]]
ROLE = "arn:aws:iam::123456789012:role/execution"


@pytest.fixture(scope="module")
def fargate(_emulator: Emulated) -> Fargate:
    """Shared by all rows: a refused call changes nothing."""
    _emulator.reset()
    made = build(_emulator, balanced=True)
    made.define(family="bridge", networkMode="bridge", requiresCompatibilities=None)
    made.define(family="roleless", taskRoleArn=None)
    made.ecs.create_service(**made.blue_green(serviceName="blue-green"))
    made.ecs.create_service(**made.service(serviceName="rolling", desiredCount=0))
    _emulator.advance(600)
    return made


def refuse(fargate: Fargate, operation: str, params: dict[str, Any], code: str, fragment: str) -> None:
    with pytest.raises(fargate.ecs.exceptions.ClientError) as error:
        getattr(fargate.ecs, operation)(**params)
    answer = error.value.response["Error"]
    assert answer["Code"] == code, answer
    assert fragment in answer["Message"], answer


def web(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(CONTAINER), **changes}


def one(**changes: Any) -> dict[str, Any]:
    """A task definition whose only container differs."""
    return {"containerDefinitions": [web(**changes)]}


def logs(**changes: Any) -> dict[str, Any]:
    options = {**LOGS["options"], **changes}
    return one(logConfiguration={"logDriver": "awslogs", "options": {name: value for name, value in options.items() if value}})


PLAIN = {"name": "web", "image": "shop:1"}
DEFINITIONS = [
    ({"networkMode": "bridge"}, "Fargate only supports network mode"),
    ({"cpu": None}, "Fargate requires that 'cpu' be defined at the task level."),
    ({"memory": None}, "Fargate requires that 'memory' be defined at the task level."),
    ({"memory": "4096"}, "No Fargate configuration exists for given values: 256 CPU, 4096 memory."),
    ({"cpu": "300"}, "No Fargate configuration exists for given values"),
    ({"cpu": "many"}, "No Fargate configuration exists for given values"),
    ({"containerDefinitions": []}, "Container list cannot be empty"),
    (one(essential=False), "Task definition doesn't have any essential container"),
    ({"executionRoleArn": None}, "execution role ARN to support log driver awslogs."),
    (
        {
            "executionRoleArn": None,
            "containerDefinitions": [{**PLAIN, "image": "123456789012.dkr.ecr.eu-west-1.amazonaws.com/shop@sha256:" + "a" * 64}],
        },
        "execution role ARN to support ECR images.",
    ),
    (
        {"executionRoleArn": None, "containerDefinitions": [{**PLAIN, "secrets": [{"name": "K", "valueFrom": "/k"}]}]},
        "When you are specifying container secrets, you must also specify a value for 'executionRoleArn'.",
    ),
    ({"executionRoleArn": "arn:aws:nonsense"}, "Role is not valid"),
    (one(logConfiguration={"logDriver": "syslog"}), "syslog is not a valid log driver. Must be one of [awslogs, splunk, awsfirelens]"),
    (logs(**{"awslogs-group": None}), "Log driver awslogs requires options: awslogs-group"),
    (logs(**{"awslogs-region": None}), "Log driver awslogs requires options: awslogs-region"),
    (logs(**{"awslogs-stream-prefix": None}), "awslogs-stream-prefix"),
    (one(logConfiguration={"logDriver": "awsfirelens"}), "firelens"),
    (one(privileged=True), "Fargate requires that the 'privileged' setting be 'false'"),
    (one(links=["db"]), "Links are not supported when networkMode=awsvpc"),
    (one(hostname="web"), "not supported on container when networkMode=awsvpc"),
    (one(extraHosts=[{"hostname": "a", "ipAddress": "1.2.3.4"}]), "not supported on container when networkMode=awsvpc"),
    (one(dnsServers=["1.1.1.1"]), "DNS servers are not supported"),
    (one(disableNetworking=True), "Disable Networking is not supported"),
    (one(dockerSecurityOptions=["x"]), "do not support dockerSecurityOptions"),
    (one(linuxParameters={"devices": [{"hostPath": "/dev/x"}]}), "do not support devices"),
    (one(linuxParameters={"sharedMemorySize": 64}), "do not support sharedMemorySize"),
    (one(linuxParameters={"maxSwap": 64}), "do not support maxSwap"),
    (one(linuxParameters={"capabilities": {"add": ["NET_ADMIN"]}}), "NET_ADMIN is not allowed on Fargate."),
    (one(resourceRequirements=[{"type": "GPU", "value": "1"}]), "GPU"),
    ({"ipcMode": "host"}, "do not support ipcMode"),
    ({"pidMode": "host"}, "pidMode"),
    ({"placementConstraints": [{"type": "memberOf", "expression": "x"}]}, "placementConstraints"),
    ({"inferenceAccelerators": [{"deviceName": "a", "deviceType": "b"}]}, "Unsupported field 'inferenceAccelerators'"),
    ({"volumes": [{"name": "v", "host": {"sourcePath": "/x"}}]}, "do not support sourcePath"),
    ({"volumes": [{"name": "v", "dockerVolumeConfiguration": {"scope": "task"}}]}, "do not support dockerVolumeConfiguration"),
    (one(portMappings=[{"containerPort": 3000, "hostPort": 80}]), "host ports and container ports in port mappings must match"),
    (one(portMappings=[{"containerPort": 3000}, {"containerPort": 3000}]), "used multiple times in task"),
    (
        {"containerDefinitions": [web(portMappings=[{"containerPort": 1, "name": "a"}, {"containerPort": 2, "name": "a"}])]},
        "port mapping name",
    ),
    (one(cpu=512), "The sum of all container 'cpu' values cannot be greater than the task-level 'cpu' value"),
    (one(memory=1024), "The 'memory' setting for container 'web' is greater than for the task"),
    (one(memory=128, memoryReservation=256), "'memory' must be greater than or equal to 'memoryReservation'"),
    ({"containerDefinitions": [web(), web()]}, "unique"),
    (one(dependsOn=[{"containerName": "db", "condition": "START"}]), "Cannot depend on container db because it does not exist"),
    (
        {"containerDefinitions": [web(dependsOn=[{"containerName": "db", "condition": "HEALTHY"}]), {"name": "db", "image": "db"}]},
        "A dependency container with HEALTHY condition must have health check configured",
    ),
    (
        {"containerDefinitions": [web(dependsOn=[{"containerName": "db", "condition": "SUCCESS"}]), {"name": "db", "image": "db"}]},
        "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container",
    ),
    (
        {
            "containerDefinitions": [
                web(dependsOn=[{"containerName": "db", "condition": "START"}]),
                {"name": "db", "image": "db", "dependsOn": [{"containerName": "web", "condition": "START"}]},
            ]
        },
        "cycle",
    ),
    (one(healthCheck={"command": ["CMD-SHELL", "true"], "interval": 4}), "between 5 and 300"),
    (one(healthCheck={"command": ["CMD-SHELL", "true"], "timeout": 61}), "between 2 and 60"),
    (one(healthCheck={"command": ["CMD-SHELL", "true"], "retries": 11}), "between 1 and 10"),
    (one(healthCheck={"command": ["true"]}), "CMD"),
    (one(stopTimeout=121), "stopTimeout"),
    (one(environmentFiles=[{"type": "s3", "value": "arn:aws:s3:::b/a.txt"}]), ".env"),
    (one(restartPolicy={"enabled": True, "restartAttemptPeriod": 59}), "60"),
    ({"ephemeralStorage": {"sizeInGiB": 20}}, "21"),
    (one(command=["x" * 65536]), "Max allowed length is '65536' bytes."),
    ({"family": "a b"}, "Family contains invalid characters."),
    (one(mountPoints=[{"sourceVolume": "v", "containerPath": "/v"}]), "Unknown volume 'v'"),
    ({"volumes": [{"name": "v", "configuredAtLaunch": True}]}, "Volumes [v] are not referenced by any of the containers"),
    (one(volumesFrom=[{"sourceContainer": "db"}]), "Unknown container: 'db'"),
    (
        one(secrets=[{"name": "K", "valueFrom": "/k"}], environment=[{"name": "K", "value": "v"}]),
        "The secret name must be unique and not shared with any new or existing environment variables",
    ),
    ({"requiresCompatibilities": None, "networkMode": "bridge", "memory": None}, "At least one of 'memory' or 'memoryReservation'"),
    (one(image="$IMAGE:1"), "Container.image contains invalid characters."),
    (one(image="shop:1 "), "Container.image contains invalid characters."),
    ({"containerDefinitions": [{"name": "web"}]}, "Container.image should not be null or empty."),
]


@pytest.mark.parametrize(("changes", "fragment"), DEFINITIONS)
def test_task_definitions(fargate: Fargate, changes: dict[str, Any], fragment: str) -> None:
    refuse(fargate, "register_task_definition", fargate.definition(**changes), "ClientException", fragment)


def test_what_is_beside_the_refusals_is_accepted(fargate: Fargate) -> None:
    init = {"name": "init", "image": "init", "essential": False}
    health = {"command": ["CMD-SHELL", "true"], "interval": 5, "timeout": 2, "retries": 1, "startPeriod": 0}
    secrets = [{"name": "A", "valueFrom": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf:password::"}]
    full = web(
        dependsOn=[{"containerName": "init", "condition": "SUCCESS"}], healthCheck=health, secrets=secrets, stopTimeout=120, links=[]
    )
    fargate.define(family="full", cpu="1 vCPU", memory="2 GB", containerDefinitions=[full, init], ephemeralStorage={"sizeInGiB": 21})
    fargate.define(family="full", cpu="32768", memory="61440")


def balancer(group: str = "green", **changes: Any) -> Change:
    return lambda fargate: {"loadBalancers": [{**fargate.target(group), **changes}]}


def network(**changes: Any) -> Change:
    return lambda fargate: {"networkConfiguration": {"awsvpcConfiguration": {**fargate.network["awsvpcConfiguration"], **changes}}}


def code_deploy(**changes: Any) -> Change:
    return lambda fargate: {**fargate.blue_green(), "serviceName": "new", **changes}


def settings(**changes: Any) -> Change:
    return lambda _: {"deploymentConfiguration": changes}


INVALID = "InvalidParameterException"
SERVICES: list[tuple[Change | dict[str, Any], str, str]] = [
    (code_deploy(loadBalancers=[]), INVALID, "the service requires an Application Load Balancer or Network Load Balancer"),
    (lambda f: code_deploy(loadBalancers=[f.target("blue"), f.target("green")])(f), INVALID, "at most 1"),
    (code_deploy(schedulingStrategy="DAEMON", desiredCount=None), INVALID, "daemon"),
    ({"taskDefinition": None}, INVALID, "TaskDefinition can not be blank"),
    ({"deploymentController": {"type": "EXTERNAL"}}, INVALID, "TaskDefinition must be blank"),
    ({"desiredCount": None}, INVALID, "desired count"),
    ({"schedulingStrategy": "DAEMON", "launchType": "EC2"}, INVALID, "does not support a desired count for services"),
    ({"desiredCount": -1}, INVALID, "negative"),
    ({"networkConfiguration": None}, INVALID, "Network Configuration must be provided when networkMode 'awsvpc' is specified."),
    (
        {"taskDefinition": "bridge", "launchType": "EC2"},
        INVALID,
        "Network Configuration is not valid for the given networkMode of this task definition.",
    ),
    ({"taskDefinition": "bridge", "networkConfiguration": None}, INVALID, "Task definition does not support launch_type FARGATE."),
    (network(subnets=[]), INVALID, "subnets can not be empty."),
    (network(subnets=["subnet-00000000"]), INVALID, "InvalidSubnetID.NotFound"),
    (network(securityGroups=["sg-00000000"]), INVALID, "InvalidGroup.NotFound"),
    (network(securityGroups=[f"sg-{n}" for n in range(6)]), INVALID, "at most 5"),
    (balancer("lonely"), INVALID, "does not have an associated load balancer."),
    (balancer(containerName="db"), INVALID, "The container db does not exist in the task definition."),
    (balancer(containerPort=80), INVALID, "The container web did not have a container port 80 defined."),
    (balancer(loadBalancerName="classic"), INVALID, "loadBalancerName and targetGroupArn cannot both be"),
    (
        {"loadBalancers": [{"loadBalancerName": "classic", "containerName": "web", "containerPort": 3000}]},
        INVALID,
        "Classic Load Balancers are not supported with Fargate",
    ),
    (balancer(targetGroupArn="arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/x/0"), INVALID, "target group"),
    ({"role": "ecsServiceRole"}, INVALID, "You cannot specify an IAM role for services that require a service linked role."),
    (
        {"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}]},
        INVALID,
        "Specifying both a launch type and capacity provider strategy is not supported. Remove one and try again.",
    ),
    ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE"}], "launchType": None}, INVALID, "not associated with the cluster"),
    ({"placementStrategy": [{"type": "random"}]}, INVALID, "not supported with FARGATE"),
    ({"placementConstraints": [{"type": "distinctInstance"}]}, INVALID, "not supported with FARGATE"),
    (code_deploy(deploymentConfiguration={"deploymentCircuitBreaker": {"enable": True, "rollback": True}}), INVALID, "circuit breaker"),
    (settings(minimumHealthyPercent=101), INVALID, "minimumHealthyPercent"),
    (settings(maximumPercent=99), INVALID, "maximumPercent"),
    (settings(maximumPercent=100, minimumHealthyPercent=100), INVALID, "cannot be 100 as this will block deployments."),
    (settings(strategy="BLUE_GREEN"), INVALID, "bakeTimeInMinutes"),
    (settings(strategy="CANARY", canaryConfiguration={"canaryPercent": 0.01}), INVALID, "canaryPercent"),
    (settings(linearConfiguration={"stepPercent": 10.0}), INVALID, "LINEAR"),
    (
        settings(lifecycleHooks=[{"targetType": "PAUSE", "lifecycleStages": ["PRODUCTION_TRAFFIC_SHIFT"]}]),
        INVALID,
        "PRODUCTION_TRAFFIC_SHIFT",
    ),
    (
        balancer(
            advancedConfiguration={
                "alternateTargetGroupArn": "arn:x",
                "roleArn": ROLE,
                "productionListenerRule": "arn:aws:elasticloadbalancing:eu-west-1:123456789012:listener/app/shop/1/2",
            }
        ),
        INVALID,
        "productionListenerRule has an invalid ARN format. Must be RuleArn for ALB or ListenerArn for NLB. Got: arn:aws:",
    ),
    ({"taskDefinition": "roleless", "enableExecuteCommand": True}, INVALID, "a valid taskRoleArn is not being used."),
    ({"serviceName": "a b"}, INVALID, "name"),
    ({"tags": [{"key": "aws:x", "value": "y"}]}, INVALID, "aws:"),
    (
        {"healthCheckGracePeriodSeconds": 30},
        INVALID,
        "Health check grace period is only valid for services configured to use load balancers",
    ),
    ({"platformVersion": "9.9.9"}, "PlatformUnknownException", "platform version"),
    ({"launchType": "MOON"}, INVALID, "launchType"),
    ({"cluster": "absent"}, "ClusterNotFoundException", "Cluster not found."),
    ({"taskDefinition": "absent"}, "ClientException", "TaskDefinition not found."),
    ({"serviceName": "rolling", "desiredCount": 5}, INVALID, "Creation of service was not idempotent."),
]


@pytest.mark.parametrize(("changes", "code", "fragment"), SERVICES)
def test_create_service(fargate: Fargate, changes: Any, code: str, fragment: str) -> None:
    chosen = changes(fargate) if callable(changes) else changes
    refuse(fargate, "create_service", fargate.service(**{"serviceName": "new", **chosen}), code, fragment)


UPDATES = [
    (
        "blue-green",
        {"taskDefinition": "shop-web"},
        INVALID,
        "Unable to update task definition on services with a CODE_DEPLOY deployment controller.",
    ),
    ("blue-green", {"forceNewDeployment": True}, INVALID, "Unable to update network parameters on services with a CODE_DEPLOY"),
    ("blue-green", {"platformVersion": "1.4.0"}, INVALID, "Unable to update network parameters"),
    ("blue-green", {"loadBalancers": []}, INVALID, "Unable to update load balancers on services with a CODE_DEPLOY"),
    ("blue-green", {"enableExecuteCommand": True}, INVALID, "CODE_DEPLOY deployment controller"),
    ("rolling", {"deploymentController": {"type": "CODE_DEPLOY"}}, INVALID, "CODE_DEPLOY"),
    ("rolling", {"taskDefinition": "absent"}, "ClientException", "TaskDefinition not found."),
    ("rolling", {"deploymentConfiguration": {"maximumPercent": 100}}, INVALID, "block deployments"),
    ("absent", {"desiredCount": 1}, "ServiceNotFoundException", "Service not found."),
]


@pytest.mark.parametrize(("name", "changes", "code", "fragment"), UPDATES)
def test_update_service(fargate: Fargate, name: str, changes: dict[str, Any], code: str, fragment: str) -> None:
    refuse(fargate, "update_service", {"cluster": CLUSTER, "service": name, **changes}, code, fragment)


def test_what_code_deploy_services_may_change(fargate: Fargate) -> None:
    allowed = {"desiredCount": 2, "healthCheckGracePeriodSeconds": 10, "propagateTags": "SERVICE", "enableECSManagedTags": True}
    fargate.ecs.update_service(cluster=CLUSTER, service="blue-green", deploymentConfiguration={"maximumPercent": 150}, **allowed)


OVERRIDE = {"name": "web", "command": ["x" * 9000]}
RUNS = [
    ({"networkConfiguration": None}, INVALID, "Network Configuration must be provided when networkMode 'awsvpc' is specified."),
    ({"count": 11}, INVALID, "10"),
    ({"count": 0}, INVALID, "1"),
    ({"startedBy": "a b"}, INVALID, "startedBy"),
    ({"startedBy": "a" * 129}, INVALID, "startedBy"),
    ({"clientToken": "a" * 65}, INVALID, "clientToken"),
    (
        {"overrides": {"containerOverrides": [{"name": "db"}]}},
        INVALID,
        "Override for container named db is not a container in the TaskDefinition.",
    ),
    ({"overrides": {"containerOverrides": [OVERRIDE]}}, INVALID, "8192"),
    ({"overrides": {"memory": "9999"}}, INVALID, "No Fargate configuration exists"),
    ({"propagateTags": "SERVICE"}, INVALID, "SERVICE"),
    ({"taskDefinition": "absent"}, "ClientException", "TaskDefinition not found."),
    ({"cluster": "absent"}, "ClusterNotFoundException", "Cluster not found."),
    ({"launchType": None}, INVALID, "No Container Instances were found in your cluster."),
    ({"capacityProviderStrategy": [{"capacityProvider": "FARGATE_SPOT"}]}, INVALID, "launch type"),
    ({"taskDefinition": "roleless", "enableExecuteCommand": True}, INVALID, "a valid taskRoleArn is not being used."),
    ({"taskDefinition": "bridge", "networkConfiguration": None}, INVALID, "does not support launch_type FARGATE"),
]


@pytest.mark.parametrize(("changes", "code", "fragment"), RUNS)
def test_run_task(fargate: Fargate, changes: dict[str, Any], code: str, fragment: str) -> None:
    refuse(fargate, "run_task", fargate.task(**changes), code, fragment)


EXEC = {"executeCommandConfiguration": {"logging": "OVERRIDE"}}
DEFAULT = {"executeCommandConfiguration": {"logging": "DEFAULT", "logConfiguration": {"cloudWatchLogGroupName": "x"}}}
OTHERS = [
    ("create_cluster", {"clusterName": "a b"}, INVALID, "name"),
    ("create_cluster", {"clusterName": "x", "configuration": EXEC}, INVALID, "A CloudWatch log group name or S3 bucket name must be"),
    ("create_cluster", {"clusterName": "x", "configuration": DEFAULT}, INVALID, "You must set logging to 'OVERRIDE'"),
    ("create_cluster", {"clusterName": "x", "capacityProviders": ["MINE"]}, INVALID, "MINE"),
    ("create_cluster", {"clusterName": "x", "settings": [{"name": "containerInsights", "value": "on"}]}, INVALID, "containerInsights"),
    ("create_cluster", {"clusterName": CLUSTER, "capacityProviders": ["FARGATE"]}, INVALID, "Arguments on this idempotent request are"),
    (
        "create_cluster",
        {"clusterName": CLUSTER, "settings": [{"name": "containerInsights", "value": "enabled"}]},
        INVALID,
        "Arguments on this idempotent request are inconsistent with arguments used in previous request(s).",
    ),
    ("put_account_setting", {"name": "containerInsights", "value": "on"}, INVALID, "enhanced"),
    ("put_account_setting_default", {"name": "taskLongArnFormat", "value": "maybe"}, INVALID, "disabled"),
    ("list_tasks", {"cluster": CLUSTER, "startedBy": "me", "family": "shop-web"}, INVALID, "only filter"),
    ("list_tasks", {"cluster": CLUSTER, "startedBy": "me", "desiredStatus": "RUNNING"}, INVALID, "only filter"),
    ("delete_cluster", {"cluster": CLUSTER}, "ClusterContainsServicesException", "while Services are active"),
    ("delete_cluster", {"cluster": "absent"}, "ClusterNotFoundException", "Cluster not found."),
    ("update_cluster", {"cluster": "absent"}, "ClusterNotFoundException", "Cluster not found."),
    ("describe_services", {"cluster": CLUSTER, "services": [f"s{n}" for n in range(11)]}, INVALID, "10"),
    ("describe_services", {"cluster": CLUSTER, "services": []}, INVALID, "Services cannot be empty."),
    ("describe_services", {"cluster": "absent", "services": ["a"]}, "ClusterNotFoundException", "Cluster not found."),
    ("describe_tasks", {"cluster": CLUSTER, "tasks": []}, INVALID, "Tasks cannot be empty."),
    ("describe_tasks", {"cluster": CLUSTER, "tasks": [f"{n:032}" for n in range(101)]}, INVALID, "100"),
    ("describe_task_definition", {"taskDefinition": "absent"}, "ClientException", "Unable to describe task definition."),
    ("delete_task_definitions", {"taskDefinitions": [f"a:{n}" for n in range(11)]}, INVALID, "10"),
    ("deregister_task_definition", {"taskDefinition": "shop-web"}, "ClientException", "revision"),
    ("deregister_task_definition", {"taskDefinition": "shop-web:99"}, "ClientException", "task definition"),
    ("delete_service", {"cluster": CLUSTER, "service": "absent"}, "ServiceNotFoundException", "Service not found."),
    ("describe_tasks", {"cluster": CLUSTER, "tasks": ["short"]}, INVALID, "taskId length should be one of [32,36]"),
    ("stop_task", {"cluster": CLUSTER, "task": "0" * 32}, INVALID, "The referenced task was not found."),
    ("list_tasks", {"cluster": CLUSTER, "serviceName": "absent"}, "ServiceNotFoundException", "Service not found."),
    ("list_services", {"cluster": CLUSTER, "maxResults": 101}, INVALID, "100"),
    ("list_tags_for_resource", {"resourceArn": "arn:aws:ecs:eu-west-1:123456789012:cluster/absent"}, "ClusterNotFoundException", ""),
    ("tag_resource", {"resourceArn": "nonsense", "tags": []}, INVALID, "ARN"),
    (
        "execute_command",
        {"cluster": CLUSTER, "task": "0" * 32, "command": "sh", "interactive": False},
        INVALID,
        "Interactive is the only mode",
    ),
    ("create_task_set", {"cluster": CLUSTER, "service": "rolling", "taskDefinition": "shop-web"}, INVALID, "ECS deployment controller"),
]


@pytest.mark.parametrize(("operation", "params", "code", "fragment"), OTHERS)
def test_other_operations_are_refused(fargate: Fargate, operation: str, params: dict[str, Any], code: str, fragment: str) -> None:
    refuse(fargate, operation, params, code, fragment)


def test_an_inactive_revision_cannot_be_used_but_is_still_described(fargate: Fargate) -> None:
    arn = fargate.define(family="old")
    fargate.ecs.deregister_task_definition(taskDefinition=arn)
    refuse(fargate, "run_task", fargate.task(taskDefinition=arn), "ClientException", "inactive")
    assert fargate.ecs.describe_task_definition(taskDefinition=arn)["taskDefinition"]["status"] == "INACTIVE"


def test_the_first_cluster_makes_the_service_linked_role(emulated: Emulated) -> None:
    def names() -> list[str]:
        return [role["RoleName"] for role in emulated.client("iam").list_roles()["Roles"]]

    assert "AWSServiceRoleForECS" not in names()
    emulated.client("ecs").create_cluster(clusterName=CLUSTER)
    assert "AWSServiceRoleForECS" in names()
