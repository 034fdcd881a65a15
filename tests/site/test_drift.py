"""What somebody has changed behind the inventory's back is found, all of it and nothing else; and nothing is written to know it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.support import by_hand
from tests.support.by_hand import NAME, Change
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.playbooks import Played, converge, play
from tests.support.releases import Deployer

from .conftest import Made

WORDS = (
    "-e",
    json.dumps({"railyard_engine": "codedeploy", "railyard_tags": {"team": "shop"}, "rds_settings": {"log_min_duration_statement": 500}}),
)
# A deployment group names its listeners by their ARNs: with a new listener it changes, too.
CONSEQUENCES = {"elbv2 listener 8080": {"codedeploy deployment group web"}}


def drift(emulated: Emulated, *words: str) -> dict[str, Any]:
    """What a program reads. Nothing was written meanwhile."""
    writes = emulated.writes()
    played = play(emulated, "playbooks/drift.yml", "-e", "format=json", *WORDS, *words)
    assert played.code == 0, played.output
    assert emulated.writes() == writes
    return dict(json.loads(played.output))


def fields_of(found: dict[str, Any]) -> dict[str, list[str]]:
    return {f"{one['kind']} {one['name']}": [field["field"] for field in one["fields"]] for one in found["resources"]}


@pytest.fixture
def converged(made: Made) -> Emulated:
    emulated = made(*WORDS)
    emulated.advance(900)
    return emulated


def missed(found: dict[str, Any], changes: tuple[Change, ...]) -> list[str]:
    fields = fields_of(found)
    return [str(one) for one in changes if not any(field.startswith(one.field) for field in fields.get(one.resource, []))]


def test_every_change_by_hand_is_found_and_nothing_else(converged: Emulated, tmp_path: Path) -> None:
    fresh = drift(converged)
    assert (fresh["result"], fresh["resources"], fresh["refused"]) == ("none", [], []), fresh
    assert {one["owner"] for one in fresh["kept"]} <= {"AWS"}, fresh["kept"]
    assert fresh["compared"] > 40 and fresh["last_converged"]["at"]
    for change in by_hand.CHANGES:
        change.make(converged)
    converged.advance(900)
    found = drift(converged, "-e", "events=yes")
    assert missed(found, by_hand.CHANGES) == []
    wanted = {change.resource for change in by_hand.CHANGES}
    assert set(fields_of(found)) - wanted == set().union(*CONSEQUENCES.values()) - wanted
    others = [one for one in found["resources"] if one["change"] == "update" and one["kind"] != "codedeploy deployment group"]
    causes = {(one["name"], field["field"], field["cause"]) for one in others for field in one["fields"]}
    assert {cause for *_where, cause in causes} <= {"aws", "unknown"}, causes
    operations = {f"{one['kind']} {one['name']}": [event["operation"] for event in one["events"]] for one in found["resources"]}
    assert "PutRetentionPolicy" in operations["logs group /shop/local/web"] and "PutRolePolicy" in operations[f"iam role {NAME}-task"]
    table = play(converged, "playbooks/drift.yml", *WORDS, "-e", "exit_status=yes")
    assert table.code and "not as declared" in table.output and "AuthorizeSecurity" not in table.output
    page = tmp_path / "drift.html"
    assert play(converged, "playbooks/drift.yml", *WORDS, "-e", "format=page", "-e", f"output={page}").code == 0
    text = page.read_text()
    assert "http" not in text.replace("http2", "").replace("arn:", "") or "src=" not in text
    assert f"{NAME}-app" in text and "prefers-color-scheme: dark" in text
    converge(converged, *WORDS)
    converged.advance(900)
    assert drift(converged)["result"] == "none"


@pytest.mark.soak
@pytest.mark.parametrize("change", by_hand.CHANGES, ids=str)
def test_a_single_change_is_found_and_nothing_else(converged: Emulated, change: Change) -> None:
    change.make(converged)
    fields = fields_of(drift(converged))
    assert set(fields) == {change.resource} | CONSEQUENCES.get(change.resource, set())
    assert [field for field in fields[change.resource] if field.startswith(change.field)] or not change.field


def test_a_deployment_is_no_drift_and_its_fields_are_the_deployers(converged: Emulated) -> None:
    deployer = Deployer(converged, NAME, "codedeploy")
    with slowly(converged):
        deployment = deployer.deploy(deployer.push("two"))
        deployer.until(deployment, "Ready")
        found = drift(converged)
        assert found["result"] == "none", json.dumps([found["resources"], found["refused"]])
        deployer.proceed(deployment)
        for _ in range(60):
            if deployer.weights().get("green", 0) not in (0, 100):
                break
            converged.advance(15)
        found = drift(converged)
        assert found["result"] == "none", found["resources"]
        assert {one["owner"] for one in found["kept"]} - {"AWS"} == {"deployer"}, found["kept"]
        deployer.until(deployment, "Succeeded")
    converged.client("ecs").update_service(cluster=NAME, service="web", desiredCount=4)
    converged.advance(300)
    found = drift(converged)
    assert found["result"] == "none", found["resources"]
    kept = {(one["owner"], one["kind"], one["field"]) for one in found["kept"]}
    assert {owner for owner, *_field in kept} - {"AWS"} == {"deployer", "scaler"}, kept


def test_what_the_inventory_says_anew_is_told_from_what_was_changed_in_aws(converged: Emulated) -> None:
    by_hand.short_memory(converged)
    found = drift(converged, "-e", json.dumps({"ecr_keep_images": 50}))
    causes = {f"{one['kind']} {one['name']}": {field["cause"] for field in one["fields"]} for one in found["resources"]}
    assert causes == {"logs group /shop/local/web": {"aws"}, f"ecr repository {NAME}": {"inventory"}}


def test_what_a_converge_would_refuse_is_a_difference(converged: Emulated) -> None:
    elbv2 = converged.client("elbv2")
    closed = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "503", "ContentType": "text/plain", "MessageBody": "closed"}}
    balancer = elbv2.describe_load_balancers(Names=[NAME])["LoadBalancers"][0]["LoadBalancerArn"]
    listener = next(one for one in elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"] if one["Port"] == 80)
    elbv2.modify_listener(ListenerArn=listener["ListenerArn"], DefaultActions=[closed])
    by_hand.short_memory(converged)
    found = drift(converged)
    assert found["result"] == "drift" and "playbooks/repair.yml" in json.dumps(found)
    assert "logs group /shop/local/web" in fields_of(found), found


def test_without_the_callback_it_says_so(converged: Emulated) -> None:
    played: Played = play(converged, "playbooks/drift.yml", more={"ANSIBLE_CALLBACKS_ENABLED": "railyard.fargate.warm"})
    assert played.code and "callbacks_enabled" in played.output
