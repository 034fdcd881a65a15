"""What RegisterTaskDefinition refuses of single containers."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ...services.ecs import state as ecs
from ...wire import Call, Refusal
from .task_definitions import fargate, register

Container = dict[str, Any]
NAME = re.compile(r"[A-Za-z0-9_-]{1,255}")
IMAGE = re.compile(r"[A-Za-z0-9_\-:./#@]+")
DRIVERS = ("awslogs", "splunk", "awsfirelens")
RANGES = {"interval": (5, 300), "timeout": (2, 60), "retries": (1, 10), "startPeriod": (0, 300)}
# What a container in an awsvpc network cannot have, and in which words AWS says so.
AWSVPC = {
    "links": "Links are not supported when networkMode=awsvpc.",
    "hostname": "Hostname is not supported on container when networkMode=awsvpc.",
    "extraHosts": "Extra hosts is not supported on container when networkMode=awsvpc.",
    "dnsServers": "DNS servers are not supported on container when networkMode=awsvpc.",
    "dnsSearchDomains": "DNS search domains are not supported on container when networkMode=awsvpc.",
    "disableNetworking": "Disable Networking is not supported on container when networkMode=awsvpc.",
}
LINUX = ("devices", "sharedMemorySize", "maxSwap", "swappiness")


def each(number: str) -> Callable[[Callable[[Call, Container], str]], Callable[[Call, Container], str]]:
    """A rule about every container: the function returns AWS's words, or ""."""

    def make(check: Callable[[Call, Container], str]) -> Callable[[Call, Container], str]:
        def refuse(call: Call) -> Refusal | None:
            words = (check(call, container) for container in call.params["containerDefinitions"])
            return next((ecs.client_error(text) for text in words if text), None)

        refuse.__doc__ = check.__doc__
        register(number)(refuse)
        return check

    return make


@each("ECS-T13")
def name(call: Call, container: Container) -> str:
    """Container names are unique, of letters, digits, hyphens and underscores."""
    names = [other["name"] for other in call.params["containerDefinitions"]]
    if not NAME.fullmatch(container["name"]):
        return "Container name contains invalid characters."
    return "Container names should be unique." if names.count(container["name"]) > 1 else ""


@each("ECS-own-image")
def image(call: Call, container: Container) -> str:
    """An image is named without blanks and without what a shell should have replaced."""
    return "" if IMAGE.fullmatch(container["image"]) else "Container.image contains invalid characters."


@each("ECS-T8")
def log_driver(call: Call, container: Container) -> str:
    """Fargate knows three log drivers; awslogs needs its group, Region and stream prefix."""
    logs = container.get("logConfiguration")
    if logs is None:
        return ""
    driver, options = logs.get("logDriver", ""), logs.get("options", {})
    if fargate(call) and driver not in DRIVERS:
        return f"{driver} is not a valid log driver. Must be one of [{', '.join(DRIVERS)}]"
    if driver != "awslogs":
        return ""
    for option in ("awslogs-group", "awslogs-region"):
        if not options.get(option):
            return f"Log driver awslogs requires options: {option}"
    if fargate(call) and not options.get("awslogs-stream-prefix"):
        return "Fargate requires log configuration options to include awslogs-stream-prefix to support log driver awslogs."
    return ""


@each("ECS-T9")
def log_router(call: Call, container: Container) -> str:
    """awsfirelens needs a container that routes."""
    routes = any(other.get("firelensConfiguration") for other in call.params["containerDefinitions"])
    wants = container.get("logConfiguration", {}).get("logDriver") == "awsfirelens"
    return "When a container uses log driver awsfirelens, one container must have a firelensConfiguration." if wants and not routes else ""


@each("ECS-T10")
def awsvpc(call: Call, container: Container) -> str:
    """In an awsvpc network a container has no names and links of its own."""
    if call.params.get("networkMode") != "awsvpc":
        return ""
    return next((text for member, text in AWSVPC.items() if container.get(member)), "")


@each("ECS-T10")
def instance_only(call: Call, container: Container) -> str:
    """What needs the host is not on Fargate."""
    if not fargate(call):
        return ""
    linux = container.get("linuxParameters", {})
    if container.get("privileged"):
        return "Fargate requires that the 'privileged' setting be 'false'."
    if container.get("dockerSecurityOptions"):
        return "Fargate compatible task definitions do not support dockerSecurityOptions"
    for member in LINUX:
        if linux.get(member):
            return f"Fargate compatible task definitions do not support {member}"
    added = [capability for capability in linux.get("capabilities", {}).get("add", []) if capability != "SYS_PTRACE"]
    if added:
        return f"{added[0]} is not allowed on Fargate."
    if any(item.get("type") == "GPU" for item in container.get("resourceRequirements", [])):
        return "Tasks using the Fargate launch type do not support GPU resource requirements"
    return ""


@each("ECS-T11")
def ports(call: Call, container: Container) -> str:
    """Under awsvpc host port and container port are one, and a port is used once in the task."""
    every = [mapping for other in call.params["containerDefinitions"] for mapping in other.get("portMappings", [])]
    for mapping in container.get("portMappings", []):
        port, host = mapping.get("containerPort"), mapping.get("hostPort")
        if "containerPortRange" in mapping and (port is not None or host is not None):
            return "Invalid 'portMappings' setting: cannot specify both single port and port range."
        if port is not None and not 1 <= port <= 65535:
            return f"Invalid 'containerPort' setting for container '{container['name']}'."
        if call.params.get("networkMode") != "awsvpc":
            continue
        if host is not None and host != port:
            return "When networkMode=awsvpc, the host ports and container ports in port mappings must match."
        same = [one for one in every if port is not None and (one.get("containerPort"), _protocol(one)) == (port, _protocol(mapping))]
        if len(same) > 1:
            return f"The container port {port} is used multiple times in task."
    return ""


def _protocol(mapping: dict[str, Any]) -> str:
    return str(mapping.get("protocol", "tcp"))


@each("ECS-T11")
def port_names(call: Call, container: Container) -> str:
    """The names of port mappings are unique in the task."""
    names = [mapping.get("name") for other in call.params["containerDefinitions"] for mapping in other.get("portMappings", [])]
    for mapping in container.get("portMappings", []):
        if mapping.get("name") and names.count(mapping["name"]) > 1:
            return f"The port mapping name is already used: {mapping['name']}"
    return ""


@each("ECS-T13")
def dependencies(call: Call, container: Container) -> str:
    """A container waits for another one that exists and can reach the state that is waited for."""
    known = {other["name"]: other for other in call.params["containerDefinitions"]}
    for item in container.get("dependsOn", []):
        other, condition = known.get(item["containerName"]), item["condition"]
        if other is None:
            return f"Cannot depend on container {item['containerName']} because it does not exist."
        if condition == "HEALTHY" and not other.get("healthCheck"):
            return "A dependency container with HEALTHY condition must have health check configured."
        if condition in ("COMPLETE", "SUCCESS") and other.get("essential", True):
            return "A dependency container with SUCCESS or COMPLETE condition cannot be an essential container."
        if _reaches(known, other["name"], container["name"], set()):
            return f"A dependency cycle exists between containers: {container['name']}, {other['name']}."
    return ""


def _reaches(known: dict[str, Container], start: str, goal: str, seen: set[str]) -> bool:
    if start == goal:
        return True
    seen.add(start)
    nexts = [item["containerName"] for item in known.get(start, {}).get("dependsOn", [])]
    return any(_reaches(known, one, goal, seen) for one in nexts if one not in seen)


@each("ECS-T14")
def health_check(call: Call, container: Container) -> str:
    """The four numbers have ranges; the command begins with CMD, CMD-SHELL or NONE."""
    check = container.get("healthCheck")
    if check is None:
        return ""
    for member, (low, high) in RANGES.items():
        if member in check and not low <= check[member] <= high:
            return f"Invalid health check {member} for container '{container['name']}'. The value must be between {low} and {high}."
    command = check.get("command") or [""]
    if command[0] not in ("CMD", "CMD-SHELL", "NONE"):
        return "Health check command must start with CMD or CMD-SHELL."
    if command[0] != "NONE" and len(command) < 2:
        return "Health check command is empty."
    return ""


@each("ECS-T15")
def timeouts(call: Call, container: Container) -> str:
    """Stop timeout up to 120 seconds, ten environment files in S3, restarts a minute to half an hour apart."""
    limit = 120 if fargate(call) else 2**31
    for member in ("stopTimeout", "startTimeout"):
        if not 0 <= container.get(member, 0) <= limit:
            return f"Invalid setting for container '{container['name']}'. The maximum {member} is {limit} seconds."
    files = container.get("environmentFiles", [])
    if len(files) > 10:
        return "A container can have at most 10 environment files."
    if any(not re.fullmatch(r"arn:aws[\w-]*:s3:::.+\.env", item.get("value", "")) for item in files):
        return "Environment files must be Amazon S3 object ARNs with the file extension .env."
    period = container.get("restartPolicy", {}).get("restartAttemptPeriod", 300)
    if not 60 <= period <= 1800:
        return "Invalid restartPolicy: restartAttemptPeriod must be between 60 and 1800 seconds."
    return ""


@each("ECS-T17")
def secrets(call: Call, container: Container) -> str:
    """A name is a secret or a variable; a value comes from this Region's Parameter Store or from Secrets Manager."""
    variables = {item.get("name") for item in container.get("environment", [])}
    names = [item.get("name") for item in container.get("secrets", [])]
    for item in container.get("secrets", []):
        if item["name"] in variables or names.count(item["name"]) > 1:
            text = "The secret name must be unique and not shared with any new or existing environment variables set on the container"
            return f"{text}, such as '{item['name']}'."
        value = item["valueFrom"]
        if not value or (value.startswith("arn:") and not re.match(r"arn:aws[\w-]*:(ssm|secretsmanager):[\w-]+:\d{12}:", value)):
            return "Invalid secret ARN. Specify a valid Systems Manager parameter or Secrets Manager secret."
    return ""


@each("ECS-T16")
def volumes_from(call: Call, container: Container) -> str:
    """volumesFrom names a container of the task."""
    names = [other["name"] for other in call.params["containerDefinitions"]]
    for item in container.get("volumesFrom", []):
        if item.get("sourceContainer") not in names:
            return f"Invalid 'volumesFrom' setting. Unknown container: '{item.get('sourceContainer')}'."
    return ""
