"""Plans are carried out in order, with bounded patience."""

from typing import Any

import pytest
from botocore.exceptions import ClientError

from ansible_collections.railyard.fargate.plugins.module_utils._core import plan as plans
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._core.plan import (
    AlreadyDone,
    Output,
    Plan,
    Propagation,
    Secret,
    Step,
    apply_plan,
)


class Client:
    """Answers each call with the next of its answers; an error is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.calls: list[tuple[str, dict[str, Any]]] = []

    def __getattr__(self, operation: str) -> Any:
        def call(**params: Any) -> dict[str, Any]:
            self.calls.append((operation, params))
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return dict(answer)

        return call


def error(code: str, text: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": text}, "ResponseMetadata": {"RequestId": "r"}}, "Make")  # type: ignore[typeddict-item]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(plans.time, "monotonic", lambda: now[0])
    monkeypatch.setattr(plans.time, "sleep", lambda seconds: now.__setitem__(0, now[0] + seconds))
    return now


def test_an_output_and_a_secret_are_known_when_their_step_runs() -> None:
    client = Client({"thing": {"id": "t-1"}}, {})
    steps = (Step("Make", {"name": "x"}), Step("Use", {"ids": [Output("Make", "thing.id")], "key": Secret(lambda: "hidden")}))
    assert "hidden" not in repr(steps)
    apply_plan(client, Plan(steps=steps))
    assert client.calls == [("make", {"name": "x"}), ("use", {"ids": ["t-1"], "key": "hidden"})]


def test_of_two_steps_of_one_operation_an_output_finds_the_one_by_its_name() -> None:
    client = Client({"id": "t-1"}, {"id": "t-2"}, {})
    steps = (Step("Make", name="first"), Step("Make", name="second"), Step("Use", {"ids": [Output("first", "id"), Output("second", "id")]}))
    apply_plan(client, Plan(steps=steps))
    assert client.calls[-1] == ("use", {"ids": ["t-1", "t-2"]})


@pytest.mark.parametrize(
    ("already", "code", "done"),
    [
        (("ThingExists",), "ThingExists", True),
        (("Invalid: was not idempotent",), "Invalid", True),
        (("Invalid: something else",), "Invalid", False),
        ((), "ThingExists", False),
    ],
)
def test_errors_that_mean_already_exists(already: tuple[str, ...], code: str, done: bool) -> None:
    client = Client(error(code, "Creation was not idempotent."))
    with pytest.raises(AlreadyDone if done else RailyardError, match="not idempotent"):
        apply_plan(client, Plan(steps=(Step("Make", already=already),)))


def test_propagation_is_waited_for(clock: list[float]) -> None:
    fresh = error("Invalid", "Unable to assume the role")
    client = Client(fresh, fresh, {})
    apply_plan(client, Plan(steps=(Step("Make", propagation=(Propagation("Invalid", "assume the role"),)),)))
    assert len(client.calls) == 3


def test_propagation_ends_with_awss_last_words(clock: list[float]) -> None:
    client = Client(*[error("Invalid", "Unable to assume the role")] * 100)
    with pytest.raises(RailyardError, match="Make: Invalid: Unable to assume the role"):
        apply_plan(client, Plan(steps=(Step("Make", propagation=(Propagation("Invalid", "assume the role", 20),)),)))
    assert 20 <= clock[0] <= 24


@pytest.mark.parametrize(("code", "text"), [("Other", "Unable to assume the role"), ("Invalid", "something else")])
def test_another_error_is_no_propagation(clock: list[float], code: str, text: str) -> None:
    with pytest.raises(RailyardError) as raised:
        apply_plan(Client(error(code, text)), Plan(steps=(Step("Make", propagation=(Propagation("Invalid", "assume the role"),)),)))
    assert (raised.value.code, clock[0]) == (code, 0)
    assert raised.value.details == {"request_id": "r"}
