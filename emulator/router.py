"""Real requests through the emulated load balancers. The emulator is an HTTP proxy for their names:

    curl -x http://127.0.0.1:<port> http://NAME-1234567890.eu-west-1.elb.amazonaws.com/up

A request goes to the listener of its port, by rule and weight to a healthy target, and is answered by the task there as its image's script
says. https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-troubleshooting.html has the statuses.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import SplitResult, urlsplit

from moto.backends import get_backend

from . import registry, scripts, world
from .executors import requests
from .services.cloudwatch import requests as measured
from .services.ec2 import reach
from .services.ecs import containers
from .services.ecs import state as ecs_state
from .services.ecs.shapes import Task
from .wire import Answer, Call, service_model

# Who says of itself that it has answered.
BALANCER = "awselb/2.0"
_turns: dict[str, dict[str, float]] = defaultdict(dict)


@dataclass
class Trip:
    """A request that has come to a listener. `group`: the target group that has to answer it, once one is chosen."""

    call: Call
    balancer: str
    group: str = ""


@dataclass(frozen=True)
class Visit:
    """A request that arrives at a task: by a listener of this protocol, from this target group."""

    call: Call
    url: SplitResult
    protocol: str
    group: str
    task: Task


# Each may answer before the image's script does; None lets it.
before: list[Callable[[Visit], Answer | None]] = []


@dataclass(frozen=True)
class Program:
    """The program in a task that answers, and the protocol of the listener."""

    address: tuple[str, int]
    protocol: str


@dataclass(frozen=True)
class Slow:
    """What a script answers after some real seconds. The task may be gone meanwhile."""

    answer: Answer
    seconds: float


def asked(environ: dict[str, Any]) -> bool:
    """Whether a request is one for a proxy."""
    return str(environ.get("REQUEST_URI", "")).startswith("http://")


def answer(environ: dict[str, Any]) -> Answer:
    url, begun = urlsplit(environ["REQUEST_URI"]), time.monotonic()
    found, trip = _found(url)
    # Meanwhile the world goes on.
    given = found if isinstance(found, Answer) else _later(found, environ, url)
    if trip is not None:
        with world.lock:
            _measure(trip, given, time.monotonic() - begun)
    return given


def _later(found: Program | Slow, environ: dict[str, Any], url: SplitResult) -> Answer:
    if isinstance(found, Slow):
        time.sleep(found.seconds)
        return found.answer
    path = f"{url.path or '/'}{f'?{url.query}' if url.query else ''}"
    return requests.forward(found.address, environ, path, found.protocol, url.port or 80)


def _measure(trip: Trip, given: Answer, seconds: float) -> None:
    if trip.group and given.headers.get("Server") != BALANCER:
        measured.by_target(trip.call, trip.balancer, trip.group, given.status, seconds)
    else:
        measured.by_itself(trip.call, trip.balancer, given.status)


def _found(url: SplitResult) -> tuple[Answer | Program | Slow, Trip | None]:
    """The answer to a request, or the program that has to answer it; and what is measured of it where something listens."""
    with world.lock:
        world.clock.run_due()
        found = _balancer(url.hostname or "")
        if found is None:
            return _plain(502, f"no load balancer has the name {url.hostname}", "emulator"), None
        call, balancer = found
        listener = next((item for item in balancer.listeners.values() if int(item.port) == (url.port or 80)), None)
        if listener is None:
            return _plain(502, f"nothing listens on port {url.port or 80} of {url.hostname}", "emulator"), None
        trip = Trip(call, balancer.arn)
        return _act(trip, url, listener, reach.load_balancer(balancer)), trip


def listeners() -> list[tuple[str, int]]:
    """Name of the load balancer and port of each HTTP listener."""
    with world.lock:
        backends = [backend for regions in get_backend("elbv2").values() for backend in regions.values()]
        balancers = [balancer for backend in backends for balancer in backend.load_balancers.values()]
        return [(each.dns_name, int(one.port)) for each in balancers for one in each.listeners.values() if one.protocol == "HTTP"]


def _balancer(name: str) -> tuple[Call, Any] | None:
    """The load balancer of a DNS name, with a call in its account and Region."""
    for account, regions in get_backend("elbv2").items():
        for region, backend in regions.items():
            for balancer in backend.load_balancers.values():
                if balancer.dns_name == name:
                    model = service_model("elbv2").operation_model("DescribeTargetHealth")
                    return Call("elbv2", model.name, {}, account, region, model, "query", {}, b""), balancer
    return None


def _actions(call: Call, listener: Any, url: SplitResult) -> list[dict[str, Any]]:
    """The actions of the first rule that matches."""
    rules = world.aws(call, "elbv2", "DescribeRules", ListenerArn=listener.arn)["Rules"]
    ordered = sorted(rules, key=lambda rule: (rule["IsDefault"], int(rule["Priority"]) if rule["Priority"].isdigit() else 0))
    actions: list[dict[str, Any]] = next(rule["Actions"] for rule in ordered if rule["IsDefault"] or _matches(rule, url))
    return actions


def _matches(rule: dict[str, Any], url: SplitResult) -> bool:
    """Conditions on path and host; a rule with another one is passed by."""
    for condition in rule["Conditions"]:
        value = {"path-pattern": url.path or "/", "host-header": url.hostname or ""}.get(condition["Field"])
        configs = [condition.get(key, {}) for key in ("PathPatternConfig", "HostHeaderConfig")]
        patterns = condition.get("Values") or [item for config in configs for item in config.get("Values", [])]
        if value is None or not any(fnmatchcase(value, pattern) for pattern in patterns):
            return False
    return True


def _act(trip: Trip, url: SplitResult, listener: Any, source: reach.End) -> Answer | Program | Slow:
    call = trip.call
    action = _actions(call, listener, url)[-1]
    if action["Type"] == "fixed-response":
        config = action["FixedResponseConfig"]
        return _plain(int(config["StatusCode"]), config.get("MessageBody", ""))
    if action["Type"] == "redirect":
        config = action["RedirectConfig"]
        port = f":{config['Port']}" if config.get("Port", "#{port}") not in ("#{port}", "443", "80") else ""
        scheme = config.get("Protocol", "HTTP").replace("#{protocol}", "HTTP").lower()
        status = 301 if config["StatusCode"] == "HTTP_301" else 302
        return Answer(status, {"Server": BALANCER, "Location": f"{scheme}://{url.hostname}{port}{url.path or '/'}"}, b"")
    group = _chosen(action)
    target = _target(call, group) if group else None
    if target is None:
        return _plain(503, "503 Service Temporarily Unavailable")
    trip.group = str(group)
    task = _running(call, target[0])
    if task is None:
        return _plain(502, "502 Bad Gateway")
    if not _reaches(call, task, target[1], source):
        return _plain(504, "504 Gateway Time-out")
    if (address := containers.address(task, target[1])) is not None:
        return Program(address, listener.protocol)
    visit = Visit(call, url, listener.protocol, str(group), task)
    return next((answer for hook in before if (answer := hook(visit)) is not None), None) or _of_task(task, url)


def _chosen(action: dict[str, Any]) -> str | None:
    """The target group whose turn it is, so that of a hundred requests each gets as many as its weight says."""
    groups = (action.get("ForwardConfig") or {}).get("TargetGroups") or [{"TargetGroupArn": action["TargetGroupArn"], "Weight": 1}]
    weights = {item["TargetGroupArn"]: float(item.get("Weight", 1)) for item in groups if item.get("Weight", 1)}
    return _next("|".join(sorted(weights)), weights) if weights else None


def _next(name: str, weights: dict[str, float]) -> str:
    """Smooth weighted round robin: each gains its weight, the richest is taken and pays the total."""
    turn = _turns[name]
    for key, weight in weights.items():
        turn[key] = turn.get(key, 0.0) + weight
    chosen = max(weights, key=lambda key: turn[key])
    turn[chosen] -= sum(weights.values())
    return chosen


def _target(call: Call, group: str) -> tuple[str, int] | None:
    """Address and port of a healthy target. When none is, a load balancer tries any that is registered."""
    described = world.aws(call, "elbv2", "DescribeTargetHealth", TargetGroupArn=group)["TargetHealthDescriptions"]
    healthy = [item["Target"] for item in described if item["TargetHealth"]["State"] == "healthy"]
    others = [item["Target"] for item in described if item["TargetHealth"]["State"] in ("initial", "unhealthy")]
    ports = {item["Id"]: int(item.get("Port", 80)) for item in healthy or others}
    if not ports:
        return None
    address = _next(group, dict.fromkeys(ports, 1.0))
    return address, ports[address]


def _reaches(call: Call, task: Task, port: int, source: reach.End) -> bool:
    """Whether security groups let the load balancer's request out, and in to the task."""
    target = reach.interface(call, task.get("address", ""))
    return target is None or reach.connects(call, source, target, port)


def _running(call: Call, address: str) -> Task | None:
    """The task at an address; None where none runs any more."""
    there = [item for item in ecs_state.table(call, "tasks").values() if item.get("address") == address]
    return next((item for item in there if item["lastStatus"] in ("RUNNING", "DEACTIVATING")), None)


def _of_task(task: Task, url: SplitResult) -> Answer | Slow:
    """What the application in a task answers."""
    container = task["containers"][0]
    script = scripts.behaviour(container.get("image", ""), [], service=True)
    revision = task["taskDefinitionArn"].rpartition("/")[2]
    body = f"{container.get('image', '')} {revision} {task['taskArn'].rpartition('/')[2]}\n"
    status, text, *slow = next((page for path, page in script.pages.items() if fnmatchcase(url.path or "/", path)), (200, body))
    answer = Answer(int(status), {"Content-Type": "text/plain; charset=utf-8"}, str(text).encode())
    return Slow(answer, float(slow[0])) if slow else answer


def _plain(status: int, text: str, server: str = BALANCER) -> Answer:
    return Answer(status, {"Content-Type": "text/plain; charset=utf-8", "Server": server}, text.encode())


@registry.on_reset
def _forget() -> None:
    _turns.clear()
