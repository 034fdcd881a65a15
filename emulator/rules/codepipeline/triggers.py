"""What CodePipeline refuses of triggers."""

from __future__ import annotations

from collections.abc import Iterator

from ...registry import rule
from ...services.codepipeline.shapes import Declaration
from ...wire import Call, Refusal
from .names import STRUCTURES
from .structure import GUIDE, actions, structure, twice

FILTER = GUIDE + "pipelines-filter.html"
WRONG = "The trigger configuration for the source action is not valid. Make sure to choose valid filter combinations."
NO_SOURCE = (
    "Triggers for connections must reference a CodeStarSourceConnection action. Note that when you specify a trigger, you can't specify "
    "more than one trigger per source action."
)


def _given(call: Call) -> list[Declaration]:
    return [each["gitConfiguration"] for each in call.params["pipeline"].get("triggers", [])]


@rule("CP-9", "codepipeline", *STRUCTURES, source="https://github.com/aws/aws-cdk/issues/28694")
def of_sources(call: Call) -> Refusal | None:
    """A trigger is for a connection's source action, each of which has one at most."""
    known = {action["name"] for _, action in actions(call) if action["actionTypeId"]["provider"] == "CodeStarSourceConnection"}
    names = [each["sourceActionName"] for each in _given(call)]
    return structure(NO_SOURCE) if set(names) - known or twice(names) else None


def _filters(given: Declaration) -> Iterator[bool]:
    """Whether each filter of a trigger combines what may be combined, and says something."""
    for push in given.get("push", []):
        tags, branches, paths = push.get("tags"), push.get("branches"), push.get("filePaths")
        yield (bool(tags) and not branches and not paths) or (not tags and bool(branches or paths))
    for pull in given.get("pullRequest", []):
        yield bool(pull.get("branches"))


@rule("CP-9", "codepipeline", *STRUCTURES, source=FILTER)
def filters(call: Call) -> Refusal | None:
    """A filter is by tags, or by branches and file paths; one of pull requests is by branches."""
    for given in _given(call):
        criteria = [
            part
            for member in ("push", "pullRequest")
            for each in given.get(member, [])
            for part in (each.get("tags"), each.get("branches"), each.get("filePaths"))
            if part is not None
        ]
        if not all(_filters(given)) or not all(part.get("includes") or part.get("excludes") for part in criteria):
            return structure(WRONG)
        if any(twice(each.get("events", [])) for each in given.get("pullRequest", [])):
            return structure(WRONG)
    return None
