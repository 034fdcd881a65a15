"""CodeDeploy. https://docs.aws.amazon.com/codedeploy/latest/APIReference/"""

from __future__ import annotations

from typing import Any

from .. import world
from ..registry import operation
from ..wire import Call


@operation("codedeploy", "DeleteApplication")
def delete_application(call: Call) -> dict[str, Any]:
    """Deleting an application deletes its deployment groups; deleting an absent one is no error."""
    world.backend("codedeploy", call).applications.pop(call.params["applicationName"], None)
    return {}
