# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The status as a screen: at most 118 columns, one subject after the other, what is wrong first. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from .._core.printable import line
from .health import DOWN, GIB, Problem
from .parts import ABSENT, READ, Part

WIDTH = 118
LABEL = 14
COST = "not read here: Cost Explorer charges for each request. It stands in AWS's console, Billing and Cost Management, by the tag {tag}"
TRIGGERED = re.compile(r"monitor alarm (\S+?) in state (\w+) triggered policy ([^\s,]+)")
SUBJECTS = ("pipeline", "deployment", "traffic", "tasks", "scaling", "alarms", "database", "releases", "lock", "consoles", "certificates")
PART = {"traffic": "load_balancer", "tasks": "services"}


def text(title: str, status: Mapping[str, Any]) -> str:
    """`status`: what the module environment_status_info returns. `title`: the environment as people know it."""
    head = [f"{title}: {status['health'].upper() if status['health'] == DOWN else status['health']}"]
    head += [_problem(one) for one in status["problems"]]
    body = [row for subject in SUBJECTS for row in _rows(subject, status)]
    cost = f"{'cost':<{LABEL}}{COST.format(tag='application')}"
    foot = f"{status['at'].replace('T', ' ')[:19]} UTC, read in {status['seconds']:.1f} s"
    following = list(dict.fromkeys(one["next"] for one in status["problems"] if one["next"]))
    commands = ["", "Next:", *(f"  {one}" for one in following)] if following else []
    return "\n".join([*head, "", *body, *_wrapped(cost), "", foot, *commands])


def _problem(problem: Problem) -> str:
    return f"  {problem['health']:<9} {line(problem['what'], WIDTH - 12)}"


def _rows(subject: str, status: Mapping[str, Any]) -> list[str]:
    """The lines of a subject, its name before the first one."""
    part: Part = status["parts"][PART.get(subject, subject)]
    if part["state"] == READ:
        said = list(SHOWN[subject](part["found"], status)) or ["none"]
    else:
        said = [f"{'not made' if part['state'] == ABSENT else 'cannot be read'}: {part['reason']}"]
    rows = [f"{subject if not number else '':<{LABEL}}{line(one) if part['state'] != READ else one}" for number, one in enumerate(said)]
    return [short for row in rows for short in _wrapped(row)]


def _wrapped(row: str) -> list[str]:
    """A row in lines of WIDTH; what goes on is below what it belongs to."""
    rows = []
    while len(row) > WIDTH:
        cut = row.rfind(" ", LABEL + 20, WIDTH)
        cut = cut if cut > 0 else WIDTH
        rows.append(row[:cut].rstrip())
        row = " " * LABEL + "  " + row[cut:].lstrip()
    return [*rows, row.rstrip()]


def _pipeline(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    if not found:
        return ["nothing has been pushed yet"]
    where = f" in {found['stage']}" if found["stage"] and found["status"] != "Succeeded" else ""
    commit = f", commit {found['commit'][:12]} {line(found['message'] or '', 50)}" if found["commit"] else ""
    rows = [f"{found['status']}{where}, {_time(found['started_at'])}{commit}"]
    return [*rows, f"{found['waits']} waits for a person: playbooks/pipeline.yml -e do=approve"] if found["waits"] else rows


def _deployment(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    if not found:
        return ["none in flight"]
    since = f"since {_time(found['created_at'])}, {_release(found['definition'], status)}"
    rows = [line(found["progress"]), f"{since}, {str(found['deployment_id']).rpartition('/')[2]}; playbooks/deployment.yml"]
    return [*rows, *(waiting(one) for one in found["waits"])]


def deployment(title: str, found: Mapping[str, Any] | None) -> str:
    """The deployment in flight alone, with what can be done about it."""
    if found is None:
        return f"{title}: no deployment is in flight. What was released: playbooks/releases.yml"
    rows = [f"{title}: {line(found['progress'])}", f"  {found['definition']}, since {_time(found['created_at'])}"]
    rows += [f"  {waiting(one)}" for one in found["waits"]]
    rows += [f"  {found['deployment_id']}", *([f"  {found['console_url']}"] if found["console_url"] else []), "", "Next:"]
    if any(one["by_person"] for one in found["waits"]):
        rows.append("  let it go on               playbooks/deployment.yml -e do=continue")
    if not found["rollback"]:
        rows.append("  stop it and go back        playbooks/deployment.yml -e do=rollback")
    return "\n".join([*rows, "  why it does not go on      playbooks/why.yml -e about=deployment"])


def waiting(wait: Mapping[str, Any]) -> str:
    """For what a deployment waits, until when, and what happens then."""
    until = f", until {_time(wait['until'])}: then {wait['then']}" if wait["until"] else f"; in the end {wait['then']}"
    return f"waits for {line(wait['name'])}{until}"


def _traffic(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    if found["maintenance"]:
        yield "everybody who is not allowed sees the maintenance page"
    if found["answers"]:
        yield f"the listener {line(found['answers'])}"
    width = max(len(group["name"]) for group in found["groups"])
    for group in found["groups"]:
        states = ", ".join(f"{number} {state}" for state, number in group["targets"].items()) or "no targets"
        why = f": {line(', '.join(group['reasons']))}" if group["reasons"] else ""
        yield f"{group['name']:<{width}}  {group['weight']:>3} %  {states}{why}"


def _tasks(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    width = max(len(one["name"]) for one in found)
    for one in found:
        pending = f", {one['pending']} pending" if one["pending"] else ""
        runs = [run for run in one["runs"] if run["desired"] or run["running"] or run["pending"]]
        by_release = ", ".join(_run(run, len(runs) > 1, status) for run in runs)
        yield f"{one['name']:<{width}}  {one['running']} of {one['desired']} running{pending}{'  ' + by_release if by_release else ''}"


def _run(run: Mapping[str, Any], several: bool, status: Mapping[str, Any]) -> str:
    said = _release(run["definition"], status)
    return f"{run['running']} of {said}" if several else said


def _release(definition: str, status: Mapping[str, Any]) -> str:
    """The release of a revision, where it is one of those that were read, and the revision."""
    for record in status["parts"]["releases"]["found"] or []:
        if any(str(arn).rpartition("/")[2] == definition for arn in record["task_definitions"].values()):
            return f"release {record['number']} ({definition})"
    return definition


def _scaling(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    width = max(len(one["process"]) for one in found)
    for one in found:
        said = [line(shorter(one["reason"]), 90)] if one["reason"] else []
        said += ["suspended" if one["suspended"] else ""]
        yield f"{one['process']:<{width}}  {one['desired'] if one['desired'] is not None else '?'} of {one['min']}..{one['max']}" + (
            f"  {', '.join(filter(None, said))}" if any(said) else ""
        )
        if noted := one["floor"]:
            ends = "until" if one["floor_holds"] else "should have ended at"
            whose = f"{line(noted['requested_by'])}; was {noted['before']}"
            yield f"{'':<{width}}  at least {noted['min']} {ends} {_time(noted['until'])}, by {whose}"


def shorter(cause: str) -> str:
    """AWS's cause without the ids in it."""
    return TRIGGERED.sub(lambda match: f"policy {match[3]}: alarm {'high' if 'AlarmHigh' in match[1] else 'low'}", cause)


def _alarms(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    states = [one["state"] for one in found]
    words = {"ALARM": "in alarm", "OK": "ok", "INSUFFICIENT_DATA": "without data"}
    yield ", ".join(f"{states.count(state)} {word}" for state, word in words.items() if state in states)
    for one in found:
        if one["state"] == "ALARM":
            yield f"{line(one['name'])} since {_time(one['since'])}: {line(one['reason'])}"
    if silent := [one["name"] for one in found if not one["acts"]]:
        yield f"tell nobody: {', '.join(silent)}"


def _database(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    room = (
        f"{found['free_bytes'] / GIB:.1f} of {found['storage']} GiB free" if found["free_bytes"] is not None else f"{found['storage']} GiB"
    )
    grows = f" (up to {found['max_storage']})" if found["max_storage"] else ""
    used = f", {found['connections']:.0f} connections" if found["connections"] is not None else ""
    used += f", {found['cpu_percent']:.0f} % CPU" if found["cpu_percent"] is not None else ""
    yield f"{found['status']}, {found['engine']}, {found['instance_class']}, {room}{grows}{used}"
    yield from (f"pending: {line(one)}" for one in found["pending"])


def _releases(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    for one in found:
        what = f"release {one['number']}" if one["kind"] == "release" else f"migration {one['number']}"
        commit = f", {(one['commit'] or one['digest'] or '')[:19]}" if one["commit"] or one["digest"] else ""
        became = one["status"].replace("_", " ") + (
            f": {line(one['result'], 60)}" if one["status"] != "succeeded" and one["result"] else ""
        )
        yield f"{what}{commit}, {_time(one['started_at'])}, {line(one['requested_by'] or 'somebody', 30)}, {became}"
    if not found:
        yield "nothing has been released yet: playbooks/deploy.yml"


def _lock(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    if not found:
        return ["nobody has it"]
    gone = "" if found["alive"] else ", and is gone: playbooks/unlock.yml"
    return [f"{line(found['requested_by'])}, {line(found['reason'])}, since {_time(found['since'])}{gone}"]


def _consoles(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    return [f"{one['console']} of {line(one['requested_by'] or 'somebody')}, since {_time(one['since'])}, {one['node']}" for one in found]


def _certificates(found: Any, status: Mapping[str, Any]) -> Iterable[str]:
    for one in found:
        renewal = f", renewal {one['renewal']}" if one["renewal"] else ""
        yield f"{line(one['domain'])}, {one['days'] if one['days'] is not None else '?'} days, {one['status']}{renewal}"


def _time(moment: str | None) -> str:
    return f"{moment[:16].replace('T', ' ')} UTC" if moment else "?"


SHOWN: dict[str, Callable[[Any, Mapping[str, Any]], Iterable[str]]] = {
    "pipeline": _pipeline,
    "deployment": _deployment,
    "traffic": _traffic,
    "tasks": _tasks,
    "scaling": _scaling,
    "alarms": _alarms,
    "database": _database,
    "releases": _releases,
    "lock": _lock,
    "consoles": _consoles,
    "certificates": _certificates,
}
