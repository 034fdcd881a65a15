"""Values of configurations that nobody gets to see: GetPipeline shows asterisks in their place.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_ActionConfigurationProperty.html
"""

from __future__ import annotations

from copy import deepcopy

from ...wire import Call
from . import action_types
from .shapes import Declaration

# How a secret is answered, and how one that stays is sent.
HIDDEN, SAME = "****", "*****"


def _secret(call: Call, action: Declaration) -> tuple[str, ...]:
    kind = action_types.find(call, action["actionTypeId"])
    return tuple(key for key in kind.secret if key in action["configuration"]) if kind else ()


def shown(call: Call, declaration: Declaration) -> Declaration:
    """A structure as it is answered."""
    found = deepcopy(declaration)
    for action in (action for stage in found["stages"] for action in stage["actions"]):
        action["configuration"].update(dict.fromkeys(_secret(call, action), HIDDEN))
    return found


def keep(call: Call, declaration: Declaration, before: Declaration) -> None:
    """Five asterisks stand for the value of before, where nothing else of the action has changed."""
    known = {(stage["name"], action["name"]): action for stage in before["stages"] for action in stage["actions"]}
    for stage in declaration["stages"]:
        for action in stage["actions"]:
            given, old = action["configuration"], known.get((stage["name"], action["name"]))
            if old is None:
                continue
            same = {key: old["configuration"].get(key, SAME) for key in _secret(call, action) if given[key] == SAME}
            if {**action, "configuration": {**given, **same}} == old:
                given.update(same)
