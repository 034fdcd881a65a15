"""playbooks/policies.yml as a person types it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.policies import calls, written
from tests.support.emulated import Emulated
from tests.support.playbooks import play

POLICIES = "playbooks/policies.yml"


def test_the_example_is_what_it_writes(emulated: Emulated, tmp_path: Path) -> None:
    words = (POLICIES, "-e", f"folder={tmp_path}/own")
    checked = play(emulated, *words, "--check", inventory=("inventories/prod",))
    assert checked.code == 0 and "to be written" in checked.output and not list(tmp_path.iterdir()), checked.output
    played = play(emulated, *words, inventory=("inventories/prod",))
    assert played.code == 0, played.output
    wrote = {path.name.removeprefix("shop-production-"): path.read_text() for path in (tmp_path / "own").iterdir()}
    assert wrote == {path.name: path.read_text() for path in written.EXAMPLES.glob("*.json") if path.name.startswith(tuple(calls.PERSONS))}
    assert all(f"--policy-name shop-production-{name.removesuffix('.json')} " in played.output for name in wrote)
    assert play(emulated, *words, inventory=("inventories/prod",)).count("changed") == 0 and emulated.journal() == []


def test_one_kind_of_another_inventory(emulated: Emulated, tmp_path: Path) -> None:
    boundary = "arn:aws:iam::123456789012:policy/bounds"
    more = ("-e", f"railyard_permissions_boundary={boundary}", "-e", "ecs_name=other")
    played = play(emulated, POLICIES, "-e", "for=deployer", "-e", f"folder={tmp_path}", *more)
    assert played.code == 0 and "developer" not in played.output.partition("IAM policies of")[2], played.output
    documents = {path.name: json.loads(path.read_text()) for path in tmp_path.iterdir()}
    assert len(documents) == 6 and all(name.startswith("shop-local-deployer-") for name in documents)
    (within,) = [one for one in documents["shop-local-deployer-roles.json"]["Statement"] if one["Sid"] == "IamRolesWithinBoundary"]
    assert within["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    assert "arn:aws:iam::123456789012:role/other-execution" in within["Resource"]
    refused = play(emulated, POLICIES, "-e", "for=everybody")
    assert refused.code != 0 and "for" in refused.output
