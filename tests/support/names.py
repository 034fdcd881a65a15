"""Names of an environment, as its inventory would make them."""

from __future__ import annotations

from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._environment import naming

PLACE = {"railyard_account_id": "123456789012", "railyard_region": "eu-west-1"}


def names(application: str = "shop", environment: str = "local", **variables: Any) -> naming.Names:
    """`variables`: others of the inventory, `ecs_name` for example; its processes are web and worker unless they are said."""
    own = {"railyard_app": application, "railyard_environment": environment, "railyard_processes": ("web", "worker")}
    return naming.build({**PLACE, **own, **variables})


def option(application: str = "shop", environment: str = "local", **variables: Any) -> dict[str, Any]:
    """The same as a module's option."""
    found: dict[str, Any] = names(application, environment, **variables).as_dict()
    return found
