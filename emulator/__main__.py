"""`python -m emulator start|stop|status|journal|reset|advance|inventory`."""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path
from typing import Any

from . import process
from .process import EmulatorError, State


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m emulator", description="AWS on this machine, for development and tests.")
    parser.add_argument("--state", type=Path, default=process.STATE, help="the file that says where the emulator is")
    verbs = parser.add_subparsers(dest="verb", required=True)
    for verb, text in HELP.items():
        sub = verbs.add_parser(verb, help=text, description=text)
        sub.add_argument("--state", type=Path, default=argparse.SUPPRESS)
        if verb in ("start", "serve", "inventory"):
            sub.add_argument("--speed", type=float, default=60.0, help="how many seconds of AWS's waits pass in one second")
        if verb in ("start", "serve"):
            sub.add_argument("--port", type=int, default=0, help="0 takes a free one")
            sub.add_argument("--parent", type=int, default=0, help="end with this process")
        if verb in ("status", "journal"):
            sub.add_argument("--json", action="store_true", help="for programs")
        if verb == "advance":
            sub.add_argument("seconds", type=float)
        if verb == "inventory":
            sub.add_argument("--list", action="store_true")
            sub.add_argument("--host")
    return parser


HELP = {
    "start": "start the emulator unless it runs",
    "stop": "stop it; what it held is gone",
    "status": "say whether it runs, and where",
    "journal": "count the calls it answered",
    "reset": "forget everything it holds",
    "advance": "let seconds of AWS's time pass at once",
    "inventory": "start it if needed and print an Ansible inventory that points at it",
    "serve": "be the emulator, in the foreground",
}


def _needed(path: Path) -> State:
    state = process.running(path)
    if state is None:
        raise EmulatorError("no emulator runs here; start one with: python -m emulator start")
    return state


def _status(path: Path, as_json: bool) -> None:
    state = process.running(path)
    if as_json:
        print(json.dumps({"running": state is not None, "url": state.url if state else None, "pid": state.pid if state else None}))
    else:
        print(f"running at {state.url}, pid {state.pid}, speed {state.speed:g}" if state else "not running")


def _journal(state: State, as_json: bool) -> None:
    entries: list[dict[str, Any]] = process.door(state, "journal")
    if as_json:
        print(json.dumps(entries))
        return
    rows = Counter((entry["service"], entry["operation"], entry["write"], entry["error"]) for entry in entries)
    for (service, operation, write, error), count in sorted(rows.items()):
        print(f"{count:6}  {'write' if write else 'read ':5}  {service}:{operation}  {error}".rstrip())
    spent = sum(entry["ms"] for entry in entries)
    print(f"{len(entries):6}  calls, {sum(e['write'] for e in entries)} of them can write, {spent / 1000:.1f} s of answering")


def _inventory(path: Path, speed: float) -> None:
    from . import images

    state = process.start(path, speed)
    process.door(state, "images", repository="shop-local", tag="made-up")
    variables = {
        "railyard_endpoint_url": state.url,
        "railyard_access_key": "EMULATOR",
        "railyard_secret_key": "EMULATOR",
        "railyard_image": images.digest("shop-local", "made-up"),
    }
    print(json.dumps({"_meta": {"hostvars": {}}, "local": {"vars": variables}}))


def main() -> int:
    arguments = _parser().parse_args()
    path = arguments.state
    try:
        match arguments.verb:
            case "start":
                state = process.start(path, arguments.speed, arguments.port, arguments.parent)
                print(f"running at {state.url}, pid {state.pid}, speed {state.speed:g}")
            case "serve":
                process.serve(path, arguments.speed, arguments.port, arguments.parent)
            case "stop":
                print("stopped" if process.stop(path) else "not running")
            case "status":
                _status(path, arguments.json)
            case "journal":
                _journal(_needed(path), arguments.json)
            case "reset":
                process.door(_needed(path), "reset")
            case "advance":
                process.door(_needed(path), "advance", seconds=arguments.seconds)
            case "inventory":
                _inventory(path, arguments.speed)
    except EmulatorError as error:
        print(f"emulator: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
