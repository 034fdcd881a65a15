"""Modules that keep a list, run for one resource: its options beside the others, and its result by its own name."""

from __future__ import annotations

from typing import Any

from .emulated import Emulated

# By module: the option and result with the list, the options that count for the whole list, and what a plan notes in each item.
CREDENTIALS = {"region", "endpoint_url", "access_key", "secret_key"}
ALL = {"state", "tags", "purge_tags", "purge_tag_keys"} | CREDENTIALS
TRAFFIC = {"load_balancer_arn", "load_balancer_name", "target_group_pair", "initial", "ecs", "force_forward", "both_groups"}
LISTS: dict[str, tuple[str, set[str], set[str]]] = {
    "ecs_task_definition": ("task_definitions", {"delete_revisions"}, {"revision_registered", "difference"}),
    "ecs_service": (
        "services",
        {"cluster", "release", "wait", "wait_timeout"},
        {"needs_release", "release_difference", "recreation_difference"},
    ),
    "application_autoscaling_target": ("scalable_targets", set(), set()),
    "elbv2_target_group": ("target_groups", set(), {"release_difference"}),
    "elbv2_listener": (
        "listeners",
        TRAFFIC,
        {"active_target_group_arn", "idle_target_group_arn", "weights", "shifting", "problem"},
    ),
}


class One(dict[str, Any]):
    """A module's result as it is, in which the one resource of its list (None: gone) and its notes are found as well."""

    def __init__(self, result: dict[str, Any], key: str, notes: set[str]) -> None:
        super().__init__(result)
        self.key, self.notes = key, notes

    def __getitem__(self, name: str) -> Any:
        found = super().__getitem__(name)
        if name == "diff" and isinstance(found, list):
            assert len(found) == 1
            return found[0]
        return found

    def __missing__(self, name: str) -> Any:
        items = self[self.key]
        assert len(items) < 2
        if name == self.key.removesuffix("s"):
            return {key: value for key, value in items[0].items() if key not in self.notes} if items else None
        if name in self.notes:
            return items[0][name]
        raise KeyError(name)


def run(emulated: Emulated, module: str, *, check: bool = False, **params: Any) -> One:
    key, shared, notes = LISTS[module]
    of_all = {name: value for name, value in params.items() if name in shared | ALL}
    item = {name: value for name, value in params.items() if name not in of_all}
    return One(emulated.run(module, check=check, **{key: [item]}, **of_all), key, notes)
