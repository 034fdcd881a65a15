# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import contextlib
import os
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.yaml import yaml_load
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase

from ansible_collections.railyard.fargate.plugins.module_utils._environment import (
    caller,
    checks,
    database,
    naming,
    notifications,
    offers,
    parts,
    place,
    report,
    roles,
)
from ansible_collections.railyard.fargate.plugins.module_utils._environment.network import Neighbour
from ansible_collections.railyard.fargate.plugins.module_utils._environment.problem import Problem, dotted
from ansible_collections.railyard.fargate.plugins.module_utils._environment.secrets import ADVICE
from ansible_collections.railyard.fargate.plugins.module_utils._environment.shape import NOT_SHOWN
from ansible_collections.railyard.fargate.plugins.plugin_utils import commands, vaulted, yaml_faults
from ansible_collections.railyard.fargate.plugins.plugin_utils.origin import file_of, locate

ROLES = Path(__file__).resolve().parents[2] / "roles"
OWN = "preflight"
PREFIX = "railyard_"
ACCOUNT = "account"
# Without these nobody knows which account is meant.
NEEDED = [(f"{PREFIX}{name}",) for name in ("app", "environment", "account_id", "region")]
UNLOCK = "--ask-vault-pass, or --vault-id with the password that it was encrypted with; ansible-vault view tells whether it fits"
DEFINED = "every variable in it defined for this host"
# What AWS shows in plain text to whoever may look, and what of it.
PLAIN = {
    "ecs_processes": "commands of tasks",
    "ecs_variables": "variables of tasks",
    "railyard_processes": "commands of tasks",
    "railyard_schedules": "commands of tasks",
    "railyard_secrets": "names of secrets",
    "railyard_smoke": "what is tried out",
    "railyard_variables": "variables of tasks",
}
# What ends so names managed policies by their ARNs.
POLICIES = ("_permissions_boundary", "_managed_policies")


class ActionModule(ActionBase):
    """Looks at the description on the controller, where the inventory's variables and their places are; then lets the module ask AWS."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        raw, given = task_vars or {}, dict(self._task.args)
        account_only = given.get("scope") == ACCOUNT
        described, found = self._described(raw)
        found += self._of_files(raw, described)
        unclear = {problem.path for problem in found}
        found += [problem for problem in checks.problems(_specification(OWN), described, self._others(raw)) if problem.path not in unclear]
        told = {problem.path[:1] for problem in found}
        found += [problem for problem in place.not_built(described) if problem.path not in told]
        told = {problem.path for problem in found}
        if account_only:
            found = [problem for problem in found if problem.path[:1] in NEEDED]
            given = {"secrets": {}, "engine": "any", **given}
        else:
            found += [problem for problem in self._of_roles(raw, described) if problem.path not in told]
        found += _two_callers(described)
        if given.get("region") and described.get("railyard_region") and given["region"] != described["railyard_region"]:
            what = f"this play works in {given['region']}, and the inventory declares {described['railyard_region']}"
            found.append(Problem(what, ("railyard_region",), "module_defaults with region: '{{ railyard_region }}'"))
        if found:
            return self._failed(found, raw)
        answer: dict[str, Any] = self._execute_module("railyard.fargate.preflight", self._asked(given, described, raw), task_vars=task_vars)
        if answer.get("problems"):
            return self._failed([Problem(one["what"], tuple(one["path"]), one["right"]) for one in answer["problems"]], raw)
        if answer.get("caller_arn"):
            answer["requested_by"] = caller.requested_by(answer["caller_arn"], os.environ.get("USER", ""))
        if answer.get("kept"):
            kept = [Problem(one["what"], tuple(one["path"]), one["right"]) for one in answer["kept"]]
            answer["kept"] = report.data(kept, [locate(raw, one.path) for one in kept])
        return answer

    def _described(self, raw: dict[str, Any]) -> tuple[dict[str, Any], list[Problem]]:
        """What the inventory says, templates resolved, and a problem for each variable whose template cannot be."""
        described, found = {}, []
        for name in raw:
            if not name.startswith(PREFIX) and name not in checks.ROLE_VARIABLES:
                continue
            try:
                described[str(name)] = self._templar.template(raw[name])
            except AnsibleError as error:
                found += self._unclear(raw, str(name), error)
        return described, found

    def _unclear(self, raw: dict[str, Any], name: str, error: AnsibleError) -> list[Problem]:
        """Why a variable has no value, without repeating what may be a secret."""
        locked = list(vaulted.unreadable(raw, name))
        if locked:
            return [Problem(f"the vaulted value of {dotted(path)} cannot be read: {why}", path, UNLOCK) for path, why in locked]
        if name not in NOT_SHOWN:
            return [Problem(f"the template of {name} has no value: {error}", (name,), DEFINED)]
        found = []
        for path, value in vaulted.leaves(raw[name], (name,)):
            try:
                self._templar.template(value)
            except AnsibleError:
                found.append(Problem(f"the template of {dotted(path)} has no value", path, DEFINED))
        return found or [Problem(f"the template of {name} has no value", (name,), DEFINED)]

    def _of_files(self, raw: dict[str, Any], described: dict[str, Any]) -> list[Problem]:
        """Keys that are there twice, of which YAML keeps the last, and secrets where everybody reads them."""
        found = []
        for file in sorted({file for name in raw if name in described and (file := file_of(raw[name]))}):
            for fault in yaml_faults.of_file(file):
                found.append(Problem(fault.what, fault.keys, fault.right, (commands.short(fault.file), fault.line)))
        for name in (name for name in raw if name in PLAIN or name.endswith("_tags")):
            for path in vaulted.secrets(raw, str(name)):
                seen = f"{PLAIN.get(name, 'tags')} can be read by everybody"
                what = f"{dotted(path)} is, or comes from, a vaulted value or a store of secrets, and {seen}"
                found.append(Problem(what, path, ADVICE))
        return found

    def _of_roles(self, raw: dict[str, Any], described: dict[str, Any]) -> list[Problem]:
        """What is wrong with the variables of roles. One whose template has no value yet is for its role to judge."""
        known: dict[str, Any] = {}
        named = [path.name for path in sorted(ROLES.iterdir()) if any(name.startswith(f"{path.name}_") for name in raw)]
        for role in named:
            known |= roles.options(role, _specification(role))
        variables = {}
        for name in (name for name in known if name in raw):
            with contextlib.suppress(AnsibleError):
                variables[name] = self._templar.template(raw[name])
        return [
            *roles.unknown(named, known, raw),
            *roles.problems(known, variables, boolean(described.get(f"{PREFIX}protection", True), strict=False)),
        ]

    def _others(self, raw: dict[str, Any]) -> list[Neighbour]:
        """The other environments of the same inventories, as far as they are known; each has a pre-flight of its own."""
        hosts = raw.get("hostvars", {})
        others = []
        for host in hosts:
            # Each look-up of a host computes all its variables anew.
            if host == raw.get("inventory_hostname") or f"{PREFIX}cidr" not in (variables := hosts[host]):
                continue
            app, environment, *rest = (_text(variables, part) for part in ("app", "environment", "account_id", "region", "cidr"))
            others.append(Neighbour(host, naming.environment_name(app, environment), *rest))
        return others

    def _asked(self, given: dict[str, Any], described: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
        names = naming.build(described)
        wanted = {
            "region": described["railyard_region"],
            "account_id": described["railyard_account_id"],
            "secrets": {name: names.parameter(name) for name in described.get("railyard_secrets") or ()},
            "store": _store_command(raw),
            "cluster": names.cluster,
            "repository": names.repository,
            "engine": described.get("railyard_engine") or "codedeploy",
        }
        if "secrets" not in given:
            wanted["chat"] = names.parameter(chat) if (chat := notifications.chat_secret(described)) else ""
            wanted["database"] = self._database(names.database, described, raw)
            wanted["policies"] = self._policies(raw)
        if given.get("ownership"):
            wanted |= {
                "application": names.application,
                "environment": names.environment,
                "cidr": described["railyard_cidr"],
                "parts": parts.parts(names, described),
            }
        return {**wanted, **{name: value for name, value in given.items() if value is not None}}

    def _policies(self, raw: dict[str, Any]) -> dict[str, list[str | int]]:
        """Where the inventory says each managed policy that roles are to have, or to be bounded by."""
        found: dict[str, list[str | int]] = {}
        for name in (name for name in raw if name.endswith(POLICIES)):
            with contextlib.suppress(AnsibleError):
                said = self._templar.template(raw[name])
                for place, arn in [((), said)] if isinstance(said, str) else [((number,), one) for number, one in enumerate(said or [])]:
                    found.setdefault(arn, [name, *place])
        return {arn: path for arn, path in found.items() if arn}

    def _database(self, name: str, described: dict[str, Any], raw: dict[str, Any]) -> dict[str, Any]:
        """The database as RDS calls its parts, and where the inventory says each."""
        found = database.database(described)
        return {
            "db_instance_identifier": name,
            "region": described["railyard_region"],
            "multi_az": bool(found.get("multi_az")),
            **self._zones(raw),
            "paths": {key: list(database.located(described, key)) for key in offers.KEYS.values()},
            **{option: found.get(key) for option, key in offers.KEYS.items()},
        }

    def _zones(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Where the inventory puts the subnets; defaults are of the role vpc."""
        found = {}
        for name in (name for name in ("vpc_zones", "vpc_zone_count") if name in raw):
            with contextlib.suppress(AnsibleError):
                found[name.removeprefix("vpc_")] = self._templar.template(raw[name])
        return found

    def _failed(self, found: list[Problem], raw: dict[str, Any]) -> dict[str, Any]:
        places = [problem.place or locate(raw, problem.path) for problem in found]
        host = raw.get("inventory_hostname", "this environment")
        return {"changed": False, "failed": True, "msg": report.text(host, found, places), "problems": report.data(found, places)}


def _two_callers(described: dict[str, Any]) -> list[Problem]:
    """Keys and a profile exclude each other."""
    if not (described.get("railyard_access_key") and described.get("railyard_profile")):
        return []
    what = "there are keys (railyard_access_key) and a profile, and only one of them can call AWS"
    return [
        Problem(what, ("railyard_profile",), "railyard_profile in the group_vars of the environments that it is for, not in shared.yml")
    ]


def _specification(role: str) -> dict[str, Any]:
    """The content of a role's `argument_specs`, by entry point."""
    specs: dict[str, Any] = yaml_load((ROLES / role / "meta" / "argument_specs.yml").read_text())["argument_specs"]
    return specs


def _text(variables: Any, part: str) -> str:
    try:
        value = variables.get(f"{PREFIX}{part}", "")
    except AnsibleError:
        return ""
    return value if isinstance(value, str) else ""


def _store_command(raw: dict[str, Any]) -> str:
    """The command that a person in this directory types to store a secret of this environment."""
    limit = str(raw["inventory_hostname"]) if len(raw.get("hostvars", {})) > 1 else ""
    return str(commands.command("secret", inventories=raw.get("ansible_inventory_sources") or [], limit=limit))
