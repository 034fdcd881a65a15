# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is in the picture: boxes in columns and rows, and arrows between them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

# Of a box: what users reach, what they do not, what holds data, who comes, and what is not there.
LIVE, IDLE, DATA, PERSON, ABSENT = "live", "idle", "data", "person", "absent"
LEFT, BALANCER, GROUPS, TASKS, RIGHT = range(5)


@dataclass(frozen=True)
class Box:
    """`column`: LEFT to RIGHT. `row`: from above, may be between two. `lines`: what is said below the title."""

    id: str
    column: int
    row: float
    title: str
    lines: tuple[str, ...] = ()
    look: str = LIVE


@dataclass(frozen=True)
class Arrow:
    """`strong`: users' requests take this way now."""

    start: str
    end: str
    label: str = ""
    strong: bool = False


@dataclass(frozen=True)
class Picture:
    title: str
    boxes: list[Box] = field(default_factory=list)
    arrows: list[Arrow] = field(default_factory=list)


def of(status: Mapping[str, Any], listeners: Sequence[Mapping[str, Any]], resources: Sequence[Mapping[str, Any]], title: str) -> Picture:
    """`status`: `parts` of environment_status_info. `listeners`: of elbv2_listener_info, with the pair. `resources`: of environment_info.

    What could not be read is in the picture, and says so.
    """
    found = {part: (read.get("found") if read.get("state") == "read" else None) for part, read in status.items()}
    picture = Picture(title)
    groups = (found.get("load_balancer") or {}).get("groups") or []
    services = found.get("services") or []
    _front(picture, groups, listeners)
    _services(picture, services, groups, _releases(found.get("releases") or []), found)
    _data(picture, found, resources)
    _ways_in(picture, found, resources)
    return picture


def _front(picture: Picture, groups: Sequence[Mapping[str, Any]], listeners: Sequence[Mapping[str, Any]]) -> None:
    """Users, the load balancer, its listeners and the pair."""
    picture.boxes.append(Box("users", LEFT, 0.5, "Users", ("the internet",), PERSON))
    if not groups:
        picture.boxes.append(Box("balancer", BALANCER, 0.5, "Load balancer", ("is not there, or cannot be read",), ABSENT))
        return
    ports = [f"port {one['port']}, {one['protocol']}" + ("" if not number else ": to try out") for number, one in enumerate(listeners)]
    picture.boxes.append(Box("balancer", BALANCER, 0.5, "Load balancer", tuple(ports)))
    picture.arrows.append(Arrow("users", "balancer", "", True))
    for row, group in enumerate(groups):
        weight = int(group.get("weight") or 0)
        targets = ", ".join(f"{count} {state}" for state, count in (group.get("targets") or {}).items()) or "no targets"
        tried = [one for one in listeners[1:] if (one.get("weights") or {}).get(group["arn"])]
        look = LIVE if weight else IDLE
        picture.boxes.append(Box(f"group{row}", GROUPS, row, str(group["name"]), ("target group", targets), look))
        if weight or tried:
            label = f"{weight} %" if weight else f"port {tried[0]['port']}"
            picture.arrows.append(Arrow("balancer", f"group{row}", label, bool(weight)))


def _services(
    picture: Picture, services: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], releases: dict[str, str], found: Any
) -> None:
    """Tasks of web behind their groups, and those of the other processes below."""
    scaling = {one["process"]: one for one in found.get("scaling") or []}
    row = 2.0
    for service in services:
        bounds = scaling.get(service["name"])
        limits = (f"{bounds['min']} to {bounds['max']} by load",) if bounds else ()
        if not service.get("active_group"):
            picture.boxes.append(_run(service, (service.get("runs") or [{}])[0], row, releases, limits))
            row += 1
            continue
        for run in service.get("runs") or []:
            at = next((n for n, one in enumerate(groups) if (one["arn"] == service["active_group"]) == bool(run["primary"])), 0)
            box = _run(service, run, at, releases, limits if run["primary"] else ())
            picture.boxes.append(box)
            picture.arrows.append(Arrow(f"group{at}", box.id, "", bool(groups and groups[at].get("weight"))))


def _run(service: Mapping[str, Any], run: Mapping[str, Any], row: float, releases: dict[str, str], limits: tuple[str, ...]) -> Box:
    definition = str(run.get("definition") or "")
    release = releases.get(definition, "")
    tasks = f"{run.get('running', service['running'])} of {run.get('desired', service['desired'])} tasks run"
    lines = (*((release,) if release else ()), definition, tasks, *limits)
    return Box(f"tasks_{service['name']}_{row:g}", TASKS, row, str(service["name"]), lines, LIVE if run.get("running") else IDLE)


def _releases(records: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """The newest release of each task definition, in words."""
    told: dict[str, str] = {}
    for record in records:
        for arn in (record.get("task_definitions") or {}).values():
            commit = str(record.get("commit") or "")[:8]
            told.setdefault(str(arn).rsplit("/", 1)[-1], f"release {record.get('number')}{', ' + commit if commit else ''}")
    return told


def _data(picture: Picture, found: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> None:
    database = found.get("database")
    tasks = [box for box in picture.boxes if box.column == TASKS]
    if database:
        lines = (
            str(database["name"]),
            str(database["engine"]),
            str(database["instance_class"]),
            f"{database['storage']} GB, {database['status']}",
        )
        picture.boxes.append(Box("database", RIGHT, 0.5, "Database", lines, DATA))
        picture.arrows.extend(Arrow(box.id, "database") for box in tasks if box.look == LIVE)
    buckets = [str(one["id"]) for one in resources if one["kind"] == "bucket" and one.get("owned", True)]
    if buckets:
        picture.boxes.append(Box("buckets", RIGHT, 2, "Buckets", tuple(buckets), DATA))


def _ways_in(picture: Picture, found: Mapping[str, Any], resources: Sequence[Mapping[str, Any]]) -> None:
    """The pipeline and the images, and consoles."""
    row = max([2.0, *(box.row + 1 for box in picture.boxes if box.column == TASKS and box.row >= 2)])
    repository = next(
        (str(one["id"]) for one in resources if one["kind"] == "image repository" and not str(one["id"]).endswith("-cache")), ""
    )
    pipeline = found.get("pipeline")
    if pipeline:
        picture.boxes.append(Box("developers", LEFT, 2, "Developers", ("git push",), PERSON))
        picture.boxes.append(Box("pipeline", BALANCER, 2, "Pipeline", tuple(_pipeline(pipeline))))
        picture.arrows.append(Arrow("developers", "pipeline"))
    if repository:
        picture.boxes.append(Box("images", GROUPS, 2, "Images", (repository,), DATA))
        if pipeline:
            picture.arrows.append(Arrow("pipeline", "images", "builds"))
        picture.arrows.extend(Arrow("images", box.id) for box in picture.boxes if box.column == TASKS)
    consoles = found.get("consoles")
    if consoles:
        lines = tuple(f"{one['requested_by']}, since {str(one['since'])[11:16]} UTC" for one in consoles[:3])
        more = (f"and {len(consoles) - 3} more",) if len(consoles) > 3 else ()
        picture.boxes.append(Box("consoles", TASKS, row, f"Console{'s' if len(consoles) > 1 else ''}", (*lines, *more)))
        picture.boxes.append(Box("people", GROUPS, row, "On call", ("Session Manager",), PERSON))
        picture.arrows.append(Arrow("people", "consoles"))
        if found.get("database"):
            picture.arrows.append(Arrow("consoles", "database"))


def _pipeline(pipeline: Mapping[str, Any]) -> Iterator[str]:
    yield str(pipeline["name"])
    yield " in ".join(str(pipeline[member]) for member in ("status", "stage") if pipeline.get(member)) or "never ran"
    if pipeline.get("commit"):
        message = str(pipeline.get("message") or "").partition("\n")[0]
        yield f"{str(pipeline['commit'])[:8]} {message[:24]}".strip()
