"""Resources of results, and declared, last converged and live beside each other."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._drift import compare, events, fields, owners, record, shown
from ansible_collections.railyard.fargate.plugins.module_utils._drift.collected import Collected, of_result

GROUP = {"name": "/shop/web", "arn": "arn:1", "retention_days": 7, "tags": {"team": "shop"}}


def collected(kind: str, name: str, live: Any, declared: Any, **more: Any) -> Collected:
    one = Collected(kind=kind, name=name, live=live, declared=declared, changed=live != declared, operations=[], awaited={})
    one.update(more)  # type: ignore[typeddict-item]
    return one


@pytest.mark.parametrize(
    ("module", "result", "names"),
    [
        (
            "logs_groups",
            {"changed": False, "groups": [GROUP, {**GROUP, "name": "/shop/run"}]},
            ["logs group /shop/web", "logs group /shop/run"],
        ),
        ("ec2_vpc", {"changed": False, "vpc": {"id": "vpc-1", "name": "shop"}}, ["ec2 vpc shop"]),
        (
            "ec2_vpc_subnets",
            {"changed": False, "network": {"subnets": [{"name": "a"}], "route_tables": [{"name": "public"}]}},
            ["ec2 subnet a", "ec2 route table public"],
        ),
        (
            "elbv2_listener",
            {"changed": False, "listeners": [{"port": 80, "default_actions": [], "listener_arn": "arn:2"}]},
            ["elbv2 listener 80"],
        ),
        ("iam_service_linked_role", {"changed": False, "roles": [{"service": "rds.amazonaws.com"}]}, ["iam role rds.amazonaws.com"]),
        (
            "release_configuration",
            {"changed": False, "configuration": {"web": {}, "worker": {}}},
            ["release configuration release configuration"],
        ),
        ("ecs_service_info", {"changed": False, "services": [{"service_name": "web"}]}, []),
        ("release_lock", {"changed": True, "lock": {"name": "x"}}, []),
        ("environment_info", {"changed": False, "resources": [{"name": "x"}]}, []),
        ("s3_bucket", {"changed": False, "bucket": None}, []),
    ],
)
def test_resources_of_a_result(module: str, result: dict[str, Any], names: list[str]) -> None:
    assert [compare.key(one) for one in of_result(module, result)] == names


def test_both_sides_of_a_difference_and_what_is_called_for_it() -> None:
    live, other = {**GROUP, "retention_days": 1}, {**GROUP, "name": "/shop/run"}
    diff = {"before": live, "after": GROUP, "before_header": "x", "after_header": "x", "operations": ["PutRetentionPolicy"]}
    first, second = of_result("logs_groups", {"changed": True, "groups": [GROUP, other], "diff": [diff]})
    assert (first["live"]["retention_days"], first["declared"]["retention_days"], first["changed"]) == (1, 7, True)
    assert first["operations"] == ["PutRetentionPolicy"] and not second["changed"] and second["operations"] == []


def test_a_list_in_one_plan_and_what_goes_and_comes() -> None:
    diff = {
        "before": {"roles": [{"name": "a", "x": 1}, {"name": "b"}]},
        "after": {"roles": [{"name": "a", "x": 2}, {"name": "c"}]},
        "operations": ["PutRolePolicy"],
    }
    found = {
        one["name"]: one
        for one in of_result("iam_service_role", {"changed": True, "roles": [{"name": "a", "x": 2}, {"name": "c"}], "diff": diff})
    }
    assert {name: (one["live"] is None, one["declared"] is None, one["changed"]) for name, one in found.items()} == {
        "a": (False, False, True),
        "b": (False, True, True),
        "c": (True, False, True),
    }
    assert [one["operations"] for one in found.values() if one["operations"]] == [["PutRolePolicy"]]


def test_a_change_that_is_not_shown_is_one() -> None:
    secret = {"name": "/shop/URL", "version": 2}
    diff = {"before": secret, "after": {**secret, "version": 3}, "operations": ["PutParameter"]}
    (drifted,), kept = compare.compare(of_result("ssm_secret", {"changed": True, "secret": secret, "diff": diff}), {})
    assert [field["field"] for field in drifted["fields"]] == [compare.HIDDEN] and kept == []


@pytest.mark.parametrize(
    ("last", "cause"),
    [({"retention_days": 7}, "aws"), ({"retention_days": 1}, "inventory"), ({"retention_days": 3}, "both"), (None, "unknown")],
)
def test_where_a_difference_comes_from(last: dict[str, Any] | None, cause: str) -> None:
    one = collected("logs group", "/shop/web", {"retention_days": 1}, {"retention_days": 7})
    (drifted,), _kept = compare.compare([one], None if last is None else {"logs group /shop/web": last})
    (field,) = drifted["fields"]
    assert (field["declared"], field["live"], field["cause"]) == (7, 1, cause)


@pytest.mark.parametrize(
    ("kind", "field", "owner"),
    [
        ("ecs service", "desired_count", owners.SCALER),
        ("ecs service", "task_definition", owners.DEPLOYER),
        ("elbv2 listener", "default_actions", owners.DEPLOYER),
        ("rds instance", "allocated_storage", owners.AWS),
        ("ec2 security group", "egress", owners.NOBODY),
        ("ec2 security group", "tags.team", owners.NOBODY),
    ],
)
def test_fields_that_a_converge_leaves_have_an_owner(kind: str, field: str, owner: str) -> None:
    now = collected(kind, "x", {field: 2}, {field: 2})
    drifted, kept = compare.compare([now], {f"{kind} x": {field: 1}})
    assert drifted == [] and [(one["last_converged"], one["live"], one["owner"]) for one in kept] == [(1, 2, owner)]


def test_what_waits_for_a_release_is_no_drift() -> None:
    awaits = collected("ecs service", "web", {"a": 1}, {"a": 1}, awaited={"cpu": {"before": 256, "after": 512}})
    drifted, (kept,) = compare.compare([awaits], None)
    assert drifted == [] and (kept["declared"], kept["live"], kept["owner"], kept["awaits_release"]) == (512, 256, owners.DEPLOYER, True)


def test_what_passes_is_neither_recorded_nor_compared() -> None:
    live = {
        "cluster_name": "x",
        "running_count": 2,
        "status": "ACTIVE",
        "desired_count": 2,
        "healthy_threshold_count": 3,
        "created_at": "now",
    }
    made = record.make([collected("ecs service", "x", live, live)], "anna")
    assert made["resources"] == {"ecs service x": {"cluster_name": "x", "desired_count": 2, "healthy_threshold_count": 3}}
    changed = {**live, "running_count": 3, "status": "DRAINING", "created_at": "later"}
    assert compare.compare([collected("ecs service", "x", changed, changed)], made["resources"]) == ([], [])


def test_fields_by_path() -> None:
    value = {"containers": [{"name": "web", "cpu": 1}, {"name": "job"}], "rules": [{"port": 1}], "empty": [], "none": None, "tags": {}}
    assert fields.fields(value) == {"containers.web.cpu": 1, "containers.job.": "job", "rules": [{"port": 1}]}
    assert fields.different({"a": 1, "b": 2}, {"b": 3, "c": 4}) == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("values", "texts"),
    [
        ([1, None, "x"], ["1", "—", "x"]),
        ([True, False, {"port": 22, "peer": ""}], ["yes", "no", "port 22"]),
        ([[1, 2], [1, 2], [1]], ["2", "2", "(nothing else)"]),
        ([[1], None, [1, 2]], ["1", "—", "1; 2"]),
        (["a\x1b[31mb\n c"], ["a[31mb c"]),
    ],
)
def test_values_as_people_read_them(values: list[Any], texts: list[str]) -> None:
    assert shown.sides(values) == texts


def test_events_go_to_the_resource_that_they_name() -> None:
    one = collected("logs group", "/shop/web", {"retention_days": 1}, {"retention_days": 7})
    drifted, _kept = compare.compare([one], None)
    event = {"operation": "PutRetentionPolicy", "at": "2026", "by": "user/anna", "through": "", "failed": False}
    named, other = {**event, "text": '{"logGroupName": "/shop/web"}'}, {**event, "text": '{"logGroupName": "/shop/web2"}'}
    events.assign(drifted, [one], [other, named, {**named, "failed": True}])
    assert drifted[0]["events"] == [{"operation": "PutRetentionPolicy", "at": "2026", "by": "user/anna", "through": ""}]
