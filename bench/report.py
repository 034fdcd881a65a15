"""What was measured, as text: medians with their range, beside Terraform, and what a first converge spent its time on."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from collections.abc import Iterator

from .runs import TERRAFORM, Run, Way, busy, concurrency

HEAD = ("wall s", "CPU s", "calls", "writes", "at once", "changed", "of Terraform", "per resource")
TASK = re.compile(r"TASK \[(.+)\] \*+|(PLAY RECAP) \*+")
CREATED = re.compile(r"(\S+): Creation complete after (?:(\d+)m)?(\d+)s")
LONGEST = 8
Runs = dict[Way, list[Run]]


def middle(values: list[float], digits: int = 1) -> str:
    """The median, and the range when there is more than one value."""
    text = f"{statistics.median(values):.{digits}f}"
    return text if len(values) == 1 else f"{text} ({min(values):.{digits}f}..{max(values):.{digits}f})"


def row(name: str, words: tuple[str, ...]) -> str:
    widths = (20, 18, 6, 7, 10, 8, 19, 19)
    return f"{name:30}" + "".join(f"{word:>{width}}" for word, width in zip(words, widths, strict=True))


def table(runs: Runs, made: dict[str, int]) -> Iterator[str]:
    """`made`: how many resources the first converge of each way's stack has made, counted alike."""
    terraform = next((found for way, found in runs.items() if way.name == TERRAFORM), [])
    yield row("", HEAD)
    for way, found in runs.items():
        last = found[-1]
        mean, peak = concurrency(last.calls)
        ratios = [mine.wall / its.wall for mine, its in zip(found, terraform, strict=False)]
        each = [ratio * made[TERRAFORM] / made[way.name] for ratio in ratios]
        cpu = middle([run.cpu for run in found]) + ("" if all(run.whole for run in found) else "+")
        numbers = (str(len(last.calls)), str(last.writes), f"{mean:.1f}/{peak}", str(last.changed))
        beside = tuple(middle(values, 2) if values else "-" for values in (ratios, each))
        yield row(way.name, (middle([run.wall for run in found]), cpu, *numbers, *beside))


def surprises(runs: Runs) -> Iterator[str]:
    """A no-op that changes something is none: the calls that did it."""
    for way, found in runs.items():
        did = Counter(f"{call['service']}:{call['operation']}" for run in found for call in run.calls if call["changed"])
        if did:
            yield f"not a no-op: {way.name} did {', '.join(f'{operation} {count} times' for operation, count in did.items())}"


def counted(runs: Runs) -> str:
    """What the first converge of each description has made, and what Terraform itself counts."""
    made = {way.stack.name: run.made for way, (run, *_) in runs.items()}
    own = [f"; Terraform itself counts {run.changed}" for way, (run, *_) in runs.items() if way.name == TERRAFORM]
    return "Made by the first converge: " + ", ".join(f"{name} {count}" for name, count in made.items()) + "".join(own)


def tasks(run: Run) -> list[tuple[str, float, float]]:
    """Ansible's tasks one after the other as (name, begin, end); what comes before the first is ansible-playbook's own start."""
    marks = [("ansible-playbook starts", run.began)]
    marks += [(match[1] or match[2], at) for at, line in run.lines if (match := TASK.match(line))]
    ends = [at for _, at in marks[1:]] + [run.ended]
    return [(name, begin, end) for (name, begin), end in zip(marks, ends, strict=True)]


def chain(run: Run) -> Iterator[str]:
    """Ansible does one task after the other: all of them are the chain. The longest, and for how much of each a call was under way."""
    done = tasks(run)
    within = {
        index: busy([call for call in run.calls if begin <= call["at"] < end], begin, end) for index, (_, begin, end) in enumerate(done)
    }
    longest = sorted(range(len(done)), key=lambda index: done[index][1] - done[index][2])[:LONGEST]
    for index in sorted(longest):
        name, begin, end = done[index]
        yield f"  {end - begin:6.1f} s, {within[index]:5.1f} s of it in calls   {name}"
    rest, calls = sum(end - begin for index, (_, begin, end) in enumerate(done) if index not in longest), sum(within.values())
    yield f"  {rest:6.1f} s in the other {len(done) - len(longest)}; all in all {run.wall:.1f} s, {calls:.1f} s of it in calls"


def graph(run: Run) -> Iterator[str]:
    """Terraform makes resources side by side: those that took longest by its own words, in the order in which they ended."""
    found = [(match[1], int(match[2] or 0) * 60 + int(match[3])) for _, line in run.lines if (match := CREATED.match(line))]
    longest = sorted(found, key=lambda pair: -pair[1])[:LONGEST]
    yield from (f"  {seconds:6} s   {name}" for name, seconds in found if (name, seconds) in longest and seconds)
    yield f"  {busy(run.calls):6.1f} s of {run.wall:.1f} s in calls"


def firsts(runs: Runs) -> Iterator[str]:
    for way, (run, *_) in runs.items():
        yield f"{way.name}, {run.wall:.1f} s:"
        yield from graph(run) if way.name == TERRAFORM else chain(run)
