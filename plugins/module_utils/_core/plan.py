# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Plans: the calls that lead from what is live to what is wanted, as data, and the one function that carries them out."""

from __future__ import annotations

import dataclasses
import itertools
import re
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

try:
    import jmespath
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from .aws import call, call_once, concurrently
from .errors import RailyardError, Unanswered

DELETES = re.compile("(Delete|Deregister|Detach|Disassociate|Remove)(?!.*Tags)")
# How AWS's services say that something is not there.
ABSENT = re.compile(
    r"^[\w.]*(NotFound|NoSuch|DoesNotExist|NotAttached|ServiceNotActive)|^Invalid(Activation(Id)?|Document|InstanceId): "
    r"|^ClientException: .*task definition (does not exist|is inactive)|^InvalidDBInstanceState: .*already being deleted"
)


@dataclass(frozen=True)
class Output:
    """A value that is known only once an earlier step of the same plan has run: JMESPath `path` in the output of `operation`.

    `operation` may also be the name of a step; the output of an operation is that of the last step before this one.
    """

    operation: str
    path: str


@dataclass(frozen=True)
class Secret:
    """A value that is fetched only when its step is carried out, so that no plan, check or diff ever holds it."""

    fetch: Callable[[], str] = field(repr=False)


@dataclass(frozen=True)
class Propagation:
    """An error that AWS sends for a while after a role or a name was made, and then no more (rule IAM-11).

    The call is repeated for at most `seconds` while the error has this `code` and its text holds `fragment`.
    """

    code: str
    fragment: str
    seconds: int = 120


@dataclass(frozen=True)
class Step:
    """One call that changes something. `params` is in AWS's own shape and may hold `Output`s and `Secret`s.

    `already` lists the error codes by which AWS says that the thing was there already: somebody else, or an earlier call whose reply
    was lost, has done it. The plan is then made anew. "Code: fragment" is that code only with this in its text. A deletion that finds
    nothing has succeeded. `once`: AWS would do it twice, because it has neither a token nor a name that is taken; after a try whose end is
    not known it is not repeated, and the plan is made anew. By `name` an Output finds this very step where a plan has several of one
    operation. Steps of one `lane` follow each other; steps of different lanes, without a step between them that has none, do not wait for
    each other, and know each other's outputs afterwards only.
    """

    operation: str
    params: dict[str, Any] = field(default_factory=dict)
    already: tuple[str, ...] = ()
    propagation: tuple[Propagation, ...] = ()
    name: str = ""
    once: bool = False
    lane: str = field(default="", compare=False)


@dataclass(frozen=True)
class Plan:
    """What to do. `before` and `after` are the resource in our shape, None where there is none; `notes` goes into the result."""

    before: Any = None
    after: Any = None
    steps: tuple[Step, ...] = ()
    notes: dict[str, Any] = field(default_factory=dict)

    @property
    def changed(self) -> bool:
        return bool(self.steps)

    @property
    def operations(self) -> list[str]:
        """AWS's names of what would be called, each once, in their order."""
        return list(dict.fromkeys(step.operation for step in self.steps))


class AlreadyDone(Exception):
    """A step found its thing there already, or nobody knows whether it did its work: look again and plan again.

    `changed`: something of the plan was done by us. `unanswered`: the step may have been done, or not.
    """

    def __init__(self, message: str, changed: bool = False, unanswered: bool = False) -> None:
        super().__init__(message)
        self.changed, self.unanswered = changed, unanswered


def in_lane(lane: str, steps: Iterable[Step]) -> list[Step]:
    """The steps, to be carried out beside those of other lanes."""
    return [dataclasses.replace(step, lane=lane) for step in steps]


def apply_plan(client: Any, plan: Plan) -> dict[str, dict[str, Any]]:
    """Carry out the steps, side by side where they have lanes. Returns their outputs by name or operation.

    Raises RailyardError, or AlreadyDone (see Step). Steps of other lanes are not broken off then.
    """
    outputs: dict[str, dict[str, Any]] = {}
    begun = False
    for lanes in _side_by_side(plan.steps):
        ended = concurrently(lambda steps: _in_order(client, steps, dict(outputs)), lanes)
        begun = begun or any(lane.done for lane in ended)
        errors = [lane.error for lane in ended if lane.error]
        if errors:
            error = next((one for one in errors if not isinstance(one, AlreadyDone)), errors[0])
            if isinstance(error, AlreadyDone):
                error = AlreadyDone(str(error), begun, any(isinstance(one, AlreadyDone) and one.unanswered for one in errors))
            raise error
        for lane in ended:
            outputs.update(lane.outputs)
    return outputs


def _side_by_side(steps: Sequence[Step]) -> Iterator[list[list[Step]]]:
    """The steps as they follow each other: one alone, or the lanes of all those that have one until the next step without."""
    for alone, some in itertools.groupby(steps, lambda step: not step.lane):
        if alone:
            yield [list(some)]
        else:
            lanes: dict[str, list[Step]] = {}
            for step in some:
                lanes.setdefault(step.lane, []).append(step)
            yield list(lanes.values())


@dataclass(frozen=True)
class _Ended:
    """How far the steps of a lane have come: their outputs, how many were carried out, and the error that ended it."""

    outputs: dict[str, dict[str, Any]]
    done: int
    error: RailyardError | AlreadyDone | None = None


def _in_order(client: Any, steps: Sequence[Step], outputs: dict[str, dict[str, Any]]) -> _Ended:
    for number, step in enumerate(steps):
        try:
            outputs[step.name or step.operation] = _patiently(client, step, _resolve(step.params, outputs))
        except Unanswered as error:
            return _Ended(outputs, number, AlreadyDone(error.message, unanswered=True))
        except RailyardError as error:
            if _gone(step, error):
                continue
            known = any(_says(error, one) for one in step.already)
            return _Ended(outputs, number, AlreadyDone(error.message) if known else error)
    return _Ended(outputs, len(steps))


def _gone(step: Step, error: RailyardError) -> bool:
    """Whether what was to go is not there: an earlier call, the reply to which was lost, or somebody else has done it."""
    said = f"{error.code}: {error.message}"
    return bool(DELETES.match(step.operation) and ABSENT.search(said)) and not any(_says(error, known) for known in step.already)


def _says(error: RailyardError, known: str) -> bool:
    code, _colon, fragment = known.partition(": ")
    return error.code == code and fragment in error.message


def _patiently(client: Any, step: Step, params: dict[str, Any]) -> dict[str, Any]:
    started, ask = time.monotonic(), call_once if step.once else call
    while True:
        try:
            return ask(client, step.operation, **params)
        except RailyardError as error:
            waited = time.monotonic() - started
            known = _gone(step, error) or any(_says(error, one) for one in step.already)
            if known or not any(p.code == error.code and p.fragment in error.message and waited < p.seconds for p in step.propagation):
                raise
            time.sleep(2)


def _resolve(value: Any, outputs: dict[str, dict[str, Any]]) -> Any:
    if isinstance(value, Output):
        return jmespath.search(value.path, outputs[value.operation])
    if isinstance(value, Secret):
        return value.fetch()
    if isinstance(value, dict):
        return {key: _resolve(item, outputs) for key, item in value.items()}
    if isinstance(value, list):
        return [_resolve(item, outputs) for item in value]
    return value
