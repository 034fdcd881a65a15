"""Wall time, CPU seconds and API calls of first and of no-op converges: AWS as the emulator answers, at once, and with AWS's latency.

The tools take turns within a round, and all have the same draws of latency in it. A first converge is one run in an empty account.
No-op runs are a steady state: what a tool remembers of earlier runs is there.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path

from emulator import process

from . import console, logs, many, peers, release, report, runs, site
from . import first as first_converge
from .runs import LATENCIES, Run, Way, run

WAYS = ("site", "peers", "many")
# What has happened before a run that is measured, beside nothing.
BEFORE = {
    "change": ("One change: another retention of a log group", runs.change),
    "cold": ("Cold: nothing kept from earlier runs", runs.cold),
}
PARTS = (*WAYS, *BEFORE, "release", "first", "console", "logs")
NOTES = """\
Medians with their range; calls and what follows are of the last run. "CPU s": the command with all that it started, the server of the warm
connection too ("+": some of it could not be counted); the emulators' own is in no column. "at once": calls under way, in the mean of the
time in which there were any / at most. "changed": tasks, or resources of Terraform, as the tool says. "of Terraform": wall time as a
multiple of Terraform's in the same round. "per resource": the same with each divided by what its first converge made: calls that
create, register, put, attach or associate something and succeeded, counted alike for all. AWS's own waits pass 600 times as fast."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def measured(way: Way, latency: str, seed: int, what: str, prepare: Callable[[Way], None] = runs.nothing) -> Run:
    done = run(way, LATENCIES[latency], seed, prepare)
    say(f"  latency {latency}, {what}: {way.name} {done.wall:.1f} s")
    return done


def first(ways: list[Way], latency: str) -> report.Runs:
    """Each in an empty account. The last of a stack leaves it for the rounds."""
    found: report.Runs = {}
    for way in (way for way in ways if way.first):
        way.begin()
        found[way] = [measured(way, latency, 0, "first converge")]
    return found


def steady(ways: list[Way], latency: str, rounds: int, prepare: Callable[[Way], None] = runs.nothing) -> report.Runs:
    found: report.Runs = {way: [] for way in ways}
    for way in (way for way in ways if way.warms and prepare is not runs.cold):
        measured(way, latency, 0, "not counted")
    for number in range(1, rounds + 1):
        for way in ways:
            found[way].append(measured(way, latency, number, f"round {number}", prepare))
    return found


def resources(ways: list[Way], firsts: report.Runs) -> dict[str, int]:
    """What the first converge of a way has made; of one that had none, what another of the same stack made."""
    made = {way.stack: run.made for way, (run, *_) in firsts.items()}
    return {way.name: firsts[way][0].made if way in firsts else made[way.stack] for way in ways}


def show(lines: Iterable[str]) -> None:
    print("\n".join(lines), flush=True)


def bench(ways: list[Way], latency: str, rounds: int, before: list[str]) -> None:
    firsts = first(ways, latency)
    made = resources(ways, firsts)
    show([f"\nFirst converge, latency {latency}", *report.table(firsts, made), report.counted(firsts)])
    show(["\nWhat the first converge took its time for", *report.firsts(firsts)])
    times = f"{rounds} {'round' if rounds == 1 else 'rounds'}"
    found = steady(ways, latency, rounds)
    show([f"\nNo-op, latency {latency}, {times}", *report.table(found, made), *report.surprises(found)])
    for title, prepare in (BEFORE[name] for name in before):
        found = steady([way for way in ways if way.usual], latency, rounds, prepare)
        show([f"\n{title}, latency {latency}, {times}", *report.table(found, made)])


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="|".join(PARTS), help="what to measure; site, peers, change and cold by default")
    parser.add_argument("--rounds", type=int, default=3, help="how many no-op converges")
    parser.add_argument("--latency", choices=(*LATENCIES, "both"), default="both", help="off: loopback; aws: as AWS takes")
    parser.add_argument("--providers", type=Path, help="a folder with Terraform's providers, in the layout of a mirror")
    given = parser.parse_args()
    if unknown := set(given.parts) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    return given


def main() -> int:
    given, began = arguments(), time.monotonic()
    parts = given.parts or ["site", "peers", *BEFORE]
    before = [name for name in BEFORE if name in parts]
    usual = bool(before) and not set(WAYS) & set(parts)
    latencies = list(LATENCIES) if given.latency == "both" else [given.latency]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        ways = [*(site.ways(folder) if "site" in parts else []), *(peers.ways(folder, given.providers) if "peers" in parts else [])]
        ways += many.ways(folder) if "many" in parts else []
        ways += [way for way in (*site.ways(folder), *peers.ways(folder, given.providers)) if way.usual] if usual else []
        try:
            for latency in latencies if ways else []:
                bench(ways, latency, given.rounds, before)
            if "release" in parts:
                show(["\nA release in AWS's own time, with its latency", *release.lines(folder)])
            if "console" in parts:
                show(["\nA session at a terminal", *console.lines(folder)])
            if "logs" in parts:
                show(["\nLog lines that are followed", *logs.lines(folder)])
            if "first" in parts:
                show(["\nA first converge in AWS's time", *first_converge.lines(folder)])
        finally:
            for path in {way.stack.path for way in ways}:
                process.stop(path)
    print(f"\n{NOTES if ways else ''}\n{(time.monotonic() - began) / 60:.0f} minutes")
    return 0


if __name__ == "__main__":
    sys.exit(main())
