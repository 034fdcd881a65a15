"""Rails in production sends users to HTTPS, as `config.force_ssl` of examples/shop's production.rb has it."""

from __future__ import annotations

from urllib.parse import SplitResult

from .. import router, world
from ..router import Visit
from ..services.ecs import state as ecs
from ..services.ecs.shapes import ContainerDefinition, Task
from ..wire import Answer, Call


def answer(visit: Visit) -> Answer | None:
    """A redirect for who comes over HTTP, but for the health path; None for the others."""
    if visit.protocol == "HTTPS" or not _forces(visit.call, visit.task) or _excluded(visit):
        return None
    return _to_https(visit.url)


def _forces(call: Call, task: Task) -> bool:
    definition = ecs.find_definition(call, task["taskDefinitionArn"]) or {"containerDefinitions": []}
    name = task["containers"][0]["name"]
    container = next((item for item in definition["containerDefinitions"] if item["name"] == name), ContainerDefinition())
    variables = {item["name"]: item["value"] for item in container.get("environment", [])}
    return variables.get("RAILS_ENV") == "production" and variables.get("RAILS_FORCE_SSL") != "0"


def _excluded(visit: Visit) -> bool:
    """Whether it is the health path, which Rails answers over HTTP too."""
    found = world.aws(visit.call, "elbv2", "DescribeTargetGroups", TargetGroupArns=[visit.group])["TargetGroups"]
    return any(item.get("HealthCheckPath") == visit.url.path for item in found)


def _to_https(url: SplitResult) -> Answer:
    """What ActionDispatch::SSL answers to a GET: the same host, port and path. https://api.rubyonrails.org/classes/ActionDispatch/SSL.html"""
    port = "" if url.port in (None, 80, 443) else f":{url.port}"
    location = f"https://{url.hostname}{port}{url.path or '/'}{f'?{url.query}' if url.query else ''}"
    return Answer(301, {"Content-Type": "text/html; charset=utf-8", "Location": location}, b"")


router.before.append(answer)
