"""`python -m emulator start|stop|status|journal|reset|advance|speed|gauge|latency|faults|authority|urls|push|connect|…`: see `--help`.

Nothing here imports boto3 or moto: every ansible run of the local inventory asks this program.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import process
from .process import EmulatorError, State
from .product import inventory


def _speed(text: str) -> float:
    if (speed := float(text)) <= 0:
        raise argparse.ArgumentTypeError("a speed is more than 0")
    return speed


def _migration(word: str) -> dict[str, Any]:
    from .product import push

    try:
        return push.migration(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _latency(word: str) -> dict[str, Any]:
    from . import latency

    try:
        return latency.read(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _faults(word: str) -> list[dict[str, Any]]:
    from . import faults

    try:
        return faults.read(word)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="AWS on this machine, for development and tests.")
    parser.add_argument("--state", type=Path, default=process.STATE, help="the file that says where the emulator is")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, text in HELP.items():
        sub = verbs.add_parser(verb, help=text, description=text)
        sub.add_argument("--state", type=Path, default=argparse.SUPPRESS)
        for takers, name, settings in ARGUMENTS:
            if verb in takers:
                sub.add_argument(name, **settings)
    return parser


# What a message may not do to a terminal.
INVISIBLE = dict.fromkeys({*range(32), 127, *range(128, 160)} - {9, 10})
WORD = "aws|off|MS|FILE.json"
ARGUMENTS: list[tuple[tuple[str, ...], str, dict[str, Any]]] = [
    (
        ("start", "serve", "inventory"),
        "--speed",
        {"type": _speed, "default": 60.0, "help": "how many seconds of AWS's waits pass in one second"},
    ),
    (
        ("start", "serve", "inventory"),
        "--executor",
        {"choices": process.EXECUTORS, "default": process.SCRIPT, "help": "what containers do"},
    ),
    (("start",), "--programs", {"type": Path, "metavar": "FILE.json", "help": "which program of this machine an image stands for"}),
    (("start", "serve"), "--port", {"type": int, "default": 0, "help": "0 takes a free one"}),
    (("start", "serve"), "--parent", {"type": int, "default": 0, "help": "end with this process"}),
    (("start",), "--latency", {"type": _latency, "metavar": WORD, "help": "how long each call lasts at least; also in one that runs"}),
    (("latency",), "table", {"type": _latency, "metavar": WORD}),
    (("faults",), "faults", {"type": _faults, "metavar": "off|FILE.json"}),
    (("start", "latency", "faults"), "--seed", {"type": int, "default": 0, "help": "another seed, other draws"}),
    (("authority",), "switch", {"choices": ["on", "off"]}),
    (("inbox",), "to", {"nargs": "?", "metavar": "ADDRESS", "help": "of one receiver; all when it is not said"}),
    (("confirm",), "address", {"nargs": "?", "metavar": "ADDRESS", "help": "whose; all that have been asked when it is not said"}),
    (("status", "journal", "inbox"), "--json", {"action": "store_true", "help": "for programs"}),
    (("advance",), "seconds", {"type": float}),
    (("speed",), "factor", {"type": _speed}),
    (("gauge",), "metric", {"metavar": "NAMESPACE/METRIC", "help": "as AWS/RDS/FreeStorageSpace"}),
    (("gauge",), "dimensions", {"nargs": "+", "metavar": "NAME=VALUE"}),
    (("gauge",), "--value", {"type": float, "help": "without it the metric is itself again"}),
    (("push",), "what", {"metavar": "TAG|FOLDER", "help": "of an image, whose same tag again is the same image; or of source"}),
    (("push",), "--repository", {"help": f"{inventory.REPOSITORY} for an image, {inventory.SOURCE} for source"}),
    (("push",), "--commit", {"metavar": "MESSAGE", "help": "push the files of FOLDER as a commit"}),
    (("push",), "--branch", {"default": "main", "help": "of source; created when there is none"}),
    (("push",), "--author", {"default": "", "metavar": "NAME <EMAIL>", "help": "of source; the one of git when it is not said"}),
    (("push",), "--tag", {"default": "", "help": "of source; the commit is pushed, and gets this tag"}),
    (
        ("push",),
        "--pull-request",
        {"default": "", "metavar": "BRANCH", "help": "of source; the commit is pushed, to be pulled into BRANCH"},
    ),
    (("connect",), "name", {"nargs": "?", "metavar": "NAME|ARN", "help": "of a connection; all that are pending when it is not said"}),
    (("push",), "--account", {"default": inventory.ACCOUNT}),
    (("push",), "--region", {"default": inventory.REGION}),
    (("push",), "--migration", {"type": _migration, "action": "append", "default": [], "metavar": "VERSION:NAME[:destructive]"}),
    (("push",), "--folder", {"type": Path, "help": "its containers run this application; needs --executor process"}),
    (("push",), "--image", {"default": "", "help": "it is this image of podman or docker; needs --executor container"}),
    (("push",), "--crash", {"action": "store_true", "help": "its containers end as soon as they have started"}),
    (("inventory",), "--list", {"action": "store_true"}),
    (("inventory",), "--host", {}),
]
HELP = {
    "start": "start the emulator unless it runs",
    "stop": "stop it; what it held is gone",
    "status": "say whether it runs, and where",
    "journal": "count the calls it answered",
    "reset": "forget everything it holds",
    "advance": "let seconds of AWS's time pass at once",
    "speed": "set how many seconds of AWS's waits pass in one second",
    "gauge": "say what a metric of AWS's own is from now on",
    "latency": "let each call last at least as long as AWS takes, as many milliseconds, or as a file says",
    "faults": "let calls meet the faults of a file",
    "authority": "judge whether whoever sends a call may do it; the emulator's own key is an administrator's",
    "certificate": "print what a builder has to trust that pushes to registries of ECR",
    "urls": "print a URL of this machine for each HTTP listener of a load balancer",
    "push": "push a made-up image, with migrations (destructive is for one that drops a column), or a folder of source",
    "connect": "finish connections that are pending, as a person does in a browser",
    "inbox": "show e-mails and chat messages that have arrived; none leaves this machine",
    "confirm": "confirm subscriptions, as a person does by the link in an e-mail",
    "inventory": "start it if needed and print an Ansible inventory that points at it",
    "rules": "write the table of what AWS refuses, docs/emulator-rules.md",
    "serve": "be the emulator, in the foreground",
}


def _needed(path: Path) -> State:
    state = process.running(path)
    if state is None:
        raise EmulatorError("no emulator runs here; start one with: python -m emulator start")
    return state


def _said(state: State) -> str:
    return f"running at {state.url}, pid {state.pid}, speed {state.speed:g}{', with latency' if state.latency else ''}"


def _status(path: Path, as_json: bool) -> None:
    state = process.running(path)
    if as_json:
        print(json.dumps({"running": state is not None, "url": state.url if state else None, "pid": state.pid if state else None}))
    else:
        print(_said(state) if state else "not running")


def _journal(state: State, as_json: bool) -> None:
    entries: list[dict[str, Any]] = process.control(state, "journal")
    if as_json:
        print(json.dumps(entries))
        return
    rows = Counter((entry["service"], entry["operation"], entry["write"], entry["error"]) for entry in entries)
    for (service, operation, write, error), count in sorted(rows.items()):
        print(f"{count:6}  {'write' if write else 'read ':5}  {service}:{operation}  {error}".rstrip())
    spent = sum(entry["ms"] for entry in entries)
    print(f"{len(entries):6}  calls, {sum(e['changed'] for e in entries)} of them changed something, {spent / 1000:.1f} s of answering")


def _inventory(path: Path, speed: float, executor: str, host: str | None) -> None:
    if host is not None:
        print("{}")
        return
    state = process.start(path, speed, executor=executor)
    print(json.dumps(inventory.inventory(state.url, process.control(state, "inventory")["digest"])))


def _start(arguments: argparse.Namespace) -> None:
    state = process.start(arguments.state, arguments.speed, arguments.port, arguments.parent, executor=arguments.executor)
    if state.executor != arguments.executor:
        raise EmulatorError(f"one with the executor {state.executor} runs here; stop it first: python -m emulator stop")
    if arguments.programs is not None:
        process.control(state, "programs", **_programs(arguments.programs))
    if arguments.latency is not None:
        process.control(state, "latency", table=arguments.latency, seed=arguments.seed)
    print(_said(process.running(arguments.state) or state))


def _programs(path: Path) -> dict[str, Any]:
    from .executors import programs

    try:
        return programs.read(path)
    except ValueError as error:
        raise EmulatorError(str(error)) from None


def _rules(_: argparse.Namespace) -> None:
    from . import rules_table

    rules_table.write()


def _serve(given: argparse.Namespace) -> None:
    from . import server

    server.serve(given.state, given.speed, given.port, given.parent, given.executor)


def _push(given: argparse.Namespace) -> None:
    from .product import push, source

    state, folder = _needed(given.state), Path(given.what)
    if given.commit is not None or source.is_source(folder):
        branch = given.repository or inventory.SOURCE, given.branch
        print(*source.push(state, folder, *branch, given.commit, given.author), sep="\n")
        for kind, reference in (("tag", given.tag), ("pull_request", given.pull_request)):
            print(*(source.changed(state, *branch, kind, reference) if reference else ()), sep="", end="")
        return
    place = given.repository or inventory.REPOSITORY, given.account, given.region, given.what
    print(push.push(state, *place, given.migration, given.crash, given.folder, given.image))


def _connect(given: argparse.Namespace) -> None:
    finished = process.control(_needed(given.state), "connections", **({"connection": given.name} if given.name else {}))["connections"]
    if given.name and not finished:
        raise EmulatorError(f"no connection {given.name} is pending")
    print(*(finished or ["no connection is pending"]), sep="\n")


def _inbox(state: State, to: str | None, as_json: bool) -> None:
    messages: list[dict[str, Any]] = process.control(state, "inbox", **({"to": to} if to else {}))
    if as_json:
        print(json.dumps(messages))
        return
    for each in messages:
        print(f"{each['time']}  to {each['to']}\n{each['subject']}\n\n{each['text']}\n".translate(INVISIBLE))
    print("1 message" if len(messages) == 1 else f"{len(messages)} messages")


def _confirm(given: argparse.Namespace) -> None:
    confirmed = process.control(_needed(given.state), "confirm_subscription", **({"endpoint": given.address} if given.address else {}))[
        "confirmed"
    ]
    if given.address and not confirmed:
        raise EmulatorError(f"no subscription of {given.address} is pending")
    print(*(confirmed or ["no subscription is pending"]), sep="\n")


def _gauge(given: argparse.Namespace) -> None:
    namespace, _, metric = given.metric.rpartition("/")
    dimensions = dict(pair.split("=", 1) for pair in given.dimensions)
    process.control(_needed(given.state), "gauge", namespace=namespace, metric=metric, dimensions=dimensions, value=given.value)


VERBS: dict[str, Callable[[argparse.Namespace], object]] = {
    "start": _start,
    "serve": _serve,
    "stop": lambda given: print("stopped" if process.stop(given.state) else "not running"),
    "status": lambda given: _status(given.state, given.json),
    "journal": lambda given: _journal(_needed(given.state), given.json),
    "reset": lambda given: process.control(_needed(given.state), "reset"),
    "advance": lambda given: process.control(_needed(given.state), "advance", seconds=given.seconds),
    "speed": lambda given: process.control(_needed(given.state), "speed", factor=given.factor),
    "gauge": _gauge,
    "latency": lambda given: process.control(_needed(given.state), "latency", table=given.table, seed=given.seed),
    "faults": lambda given: process.control(_needed(given.state), "faults", faults=given.faults, seed=given.seed),
    "authority": lambda given: process.control(_needed(given.state), "authority", on=given.switch == "on"),
    "inventory": lambda given: _inventory(given.state, given.speed, given.executor, given.host),
    "push": _push,
    "connect": _connect,
    "inbox": lambda given: _inbox(_needed(given.state), given.to, given.json),
    "confirm": _confirm,
    "certificate": lambda given: print(process.control(_needed(given.state), "certificate")["pem"], end=""),
    "urls": lambda given: print(*(f"{url}  {name}" for name, url in process.control(_needed(given.state), "urls").items()), sep="\n"),
    "rules": _rules,
}


def main() -> int:
    try:
        arguments = _parser().parse_args()
        VERBS[arguments.verb](arguments)
    except EmulatorError as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
