"""What CodeDeploy remembers, and the refusals that many operations share: a name that is not known, a token that is not ours."""

from __future__ import annotations

import uuid
from typing import Any

from ... import registry, world
from ...wire import Call, Refusal

PAGE = 100
# How a deployment shows that it only keeps the old tasks, as (flag, DeploymentInfo's status, target's status). AWS's documentation has
# the flag; on ECS it was seen to stay false: https://github.com/aws/containers-roadmap/issues/269
KEEPS_OLD = {
    "flag": (True, "InProgress", "InProgress"),
    "target": (False, "InProgress", "Succeeded"),
    "events": (False, "InProgress", "InProgress"),
    "ready": (False, "Ready", "Succeeded"),
}
_shown_by = "flag"


def show_wait(keeps_old: str) -> dict[str, str]:
    """Say how deployments show from now on that they only keep the old tasks."""
    global _shown_by
    if keeps_old not in KEEPS_OLD:
        raise ValueError(f"keeps_old is one of {', '.join(KEEPS_OLD)}")
    _shown_by = keeps_old
    return {"keeps_old": _shown_by}


@registry.control_endpoint("codedeploy")
def _door(wanted: dict[str, str]) -> dict[str, str]:
    return show_wait(**wanted)


def keeps_old() -> tuple[bool, str, str]:
    return KEEPS_OLD[_shown_by]


@registry.on_reset
def _forget() -> None:
    show_wait("flag")


def applications(call: Call) -> dict[str, dict[str, Any]]:
    """Name → {"info": ApplicationInfo, "groups": {name: DeploymentGroupInfo}, "revisions": [RevisionInfo]}."""
    found: dict[str, dict[str, Any]] = world.store("codedeploy", call).setdefault("applications", {})
    return found


def configs(call: Call) -> dict[str, dict[str, Any]]:
    """Name → DeploymentConfigInfo of the configurations that somebody made."""
    found: dict[str, dict[str, Any]] = world.store("codedeploy", call).setdefault("configs", {})
    return found


def deployments(call: Call) -> dict[str, Any]:
    """Deployment id → Deployment, oldest first."""
    found: dict[str, Any] = world.store("codedeploy", call).setdefault("deployments", {})
    return found


def application(call: Call, name: str) -> dict[str, Any]:
    if name not in applications(call):
        raise Refusal("ApplicationDoesNotExistException", f"No application found for name: {name}")
    return applications(call)[name]


def group(call: Call, application_name: str, name: str) -> dict[str, Any]:
    groups = application(call, application_name)["groups"]
    if name not in groups:
        raise Refusal("DeploymentGroupDoesNotExistException", f"No Deployment Group found for name: {name}")
    found: dict[str, Any] = groups[name]
    return found


def new_id() -> str:
    return str(uuid.uuid4())


def tagger(call: Call) -> Any:
    """moto's tags of CodeDeploy, so that the Resource Groups Tagging API sees ours."""
    return world.backend("codedeploy", call).tagger


def application_arn(call: Call, name: str) -> str:
    return call.arn("codedeploy", f"application:{name}")


def group_arn(call: Call, application_name: str, name: str) -> str:
    return call.arn("codedeploy", f"deploymentgroup:{application_name}/{name}")


def page(call: Call, items: list[Any], key: str, size: int = PAGE) -> dict[str, Any]:
    """One page of a list; CodeDeploy takes no page size from the caller."""
    token = call.params.get("nextToken", call.params.get("NextToken"))
    start = 0
    if token:
        if not token.isdigit() or int(token) >= len(items):
            raise Refusal("InvalidNextTokenException", f"Invalid nextToken: {token}")
        start = int(token)
    answer: dict[str, Any] = {key: items[start : start + size]}
    if start + size < len(items):
        answer["nextToken" if key != "Tags" else "NextToken"] = str(start + size)
    return answer


def batch(names: list[Any], limit: int = 100) -> list[Any]:
    """The names of a batch operation, refused when there are too many."""
    if len(names) > limit:
        raise Refusal("BatchLimitExceededException", f"The maximum number of names that can be requested is {limit}")
    return names
