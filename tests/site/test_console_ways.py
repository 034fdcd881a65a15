"""How a console is entered is one variable: each way brings what it needs, and takes away what the other one had."""

from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from tests.support.emulated import Emulated
from tests.support.playbooks import converge

from .conftest import Made

EXEC, HYBRID = ("-e", "railyard_console=exec"), ("-e", "railyard_console=hybrid")
MOVE = [
    "railyard.fargate.ecs : roles | Create or update the execution role and the task role",
    "railyard.fargate.ssm_hybrid : role | Create or update the role of nodes",
    "railyard.fargate.ssm_hybrid : documents | Create or update the session documents",
]


def policies(emulated: Emulated, role: str) -> list[str] | None:
    try:
        return list(emulated.client("iam").list_role_policies(RoleName=f"shop-local-{role}")["PolicyNames"])
    except ClientError:
        return None


@pytest.mark.soak
def test_from_nodes_of_systems_manager_to_ecs_exec_and_back(made: Made) -> None:
    emulated = made()
    assert policies(emulated, "console") == ["sessions"] and policies(emulated, "task") == []

    moved = converge(emulated, *EXEC)
    assert moved.changed_tasks == MOVE and "ECS Exec" in moved.output
    assert policies(emulated, "console") is None and policies(emulated, "task") == ["exec-channels"]
    assert converge(emulated, *EXEC).count("changed") == 0

    assert converge(emulated, *HYBRID).changed_tasks == MOVE
    assert policies(emulated, "console") == ["sessions"] and policies(emulated, "task") == []
