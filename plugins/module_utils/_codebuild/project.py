# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build projects. https://docs.aws.amazon.com/codebuild/latest/APIReference/API_Project.html"""

from __future__ import annotations

from typing import Any

from .._core import aws, shape, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Propagation, Step
from . import project_rules

Project = dict[str, Any]
AT_ONCE = 100  # CB-9
# A fresh role, also one that was deleted and made again (CB-2), and one of a VPC.
FRESH = (
    Propagation("InvalidInputException", "CodeBuild is not authorized to perform", 300),
    Propagation("InvalidInputException", "Not authorized to perform DescribeSecurityGroups", 300),
)
# What is compared and written, by our names.
SECTIONS = (
    *("description", "source", "artifacts", "cache", "environment", "service_role", "timeout_in_minutes", "queued_timeout_in_minutes"),
    *("encryption_key", "vpc_config", "logs_config", "concurrent_build_limit"),
)
# What removes a section: UpdateProject keeps what is left out.
EMPTY: dict[str, Any] = {"vpc_config": {}, "concurrent_build_limit": -1}
NO_LIMIT = (None, -1)
# Of an environment, what AWS chooses where nobody says it, and this collection does not.
UNSAID = ("host_kernel", "compute_configuration")


def find_each(client: Any, wanted: list[Project]) -> list[Project | None]:
    """The projects of these names in our shape, None for those that do not exist."""
    names = [one["name"] for one in wanted]
    found = {one["name"]: one for one in find_all(client, names)}
    return [found.get(name) for name in names]


def find_all(client: Any, names: list[str] | None) -> list[Project]:
    """The projects of these names that exist; all of the Region if names is None."""
    asked = aws.pages(client, "ListProjects", "projects") if names is None else names
    model = shape.output_shape(client, "BatchGetProjects", "projects").member
    answers = aws.concurrently(
        lambda some: aws.call(client, "BatchGetProjects", names=some), aws.batches(list(dict.fromkeys(asked)), AT_ONCE)
    )
    return [normal(shape.ours(model, one)) for answer in answers for one in answer.get("projects", [])]


def normal(live: Project) -> Project:
    """A live project with what AWS leaves out when it is the default, and without what AWS adds by itself. Pure.

    A webhook's secret is no longer in it.
    """
    environment = dict(live["environment"])
    environment["environment_variables"] = [
        {"type": "PLAINTEXT", **one} for one in environment.get("environment_variables", []) if not one["name"].startswith("CODEBUILD_")
    ]
    environment = {member: value for member, value in environment.items() if member not in UNSAID}
    environment.setdefault("privileged_mode", False)
    environment.setdefault("image_pull_credentials_type", "CODEBUILD")
    if environment.get("docker_server"):
        environment["docker_server"] = {key: value for key, value in environment["docker_server"].items() if value and key != "status"}
    project = {
        "description": "",
        "vpc_config": {},
        "logs_config": {},
        **{key: value for key, value in live.items() if value is not None},
        "environment": environment,
        "cache": {"type": "NO_CACHE", **live.get("cache", {})},
        "concurrent_build_limit": None if live.get("concurrent_build_limit") in NO_LIMIT else live["concurrent_build_limit"],
        "tags": tags.as_dict(live.get("tags"), "key", "value"),
    }
    if project.get("webhook"):
        project["webhook"] = {key: value for key, value in project["webhook"].items() if key != "secret"}
    return project


def declared(one: Project) -> Project:
    """An item of the option `projects` in our shape of AWS's, whole: what is not said is AWS's default. Pure."""
    given = one["environment"]
    environment = {
        **{member: given[member] for member in ("type", "image", "compute_type", "image_pull_credentials_type")},
        "privileged_mode": given["privileged"],
        "environment_variables": [{key: str(item[key]) for key in ("name", "value", "type")} for item in given["variables"] or []],
        **({"docker_server": _said(given["docker_server"])} if given["docker_server"] else {}),
        **({"registry_credential": _said(given["registry_credential"])} if given["registry_credential"] else {}),
    }
    return {
        "name": one["name"],
        "description": one["description"] or "",
        "source": _said(one["source"]),
        "artifacts": _said(one["artifacts"]),
        "cache": _said(one["cache"] or {"type": "NO_CACHE"}),
        "environment": environment,
        "service_role": one["service_role_arn"],
        "timeout_in_minutes": one["timeout_minutes"],
        "queued_timeout_in_minutes": one["queued_timeout_minutes"],
        **({"encryption_key": one["encryption_key"]} if one["encryption_key"] else {}),
        "vpc_config": _said(one["vpc_config"] or {}),
        "logs_config": _logs(one),
        "concurrent_build_limit": one["concurrent_build_limit"],
    }


def _said(value: dict[str, Any]) -> dict[str, Any]:
    return {key: item for key, item in value.items() if item not in (None, [])}


def _logs(one: Project) -> dict[str, Any]:
    """Logs of CloudWatch, by default in AWS's own group."""
    if not one["log_group"]:
        return {}
    prefix = {"stream_name": one["log_stream_prefix"]} if one["log_stream_prefix"] else {}
    return {"cloud_watch_logs": {"status": "ENABLED", "group_name": one["log_group"], **prefix}}


def make_plan(client: Any, wanted: Project, live: Project | None) -> Plan:
    """`wanted`: an item of the option `projects`, state, tags and purge_tags. Raises RailyardError for what can never work."""
    name = wanted["name"]
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteProject", {"name": name}),) if live else ())
    if missing := [option for option in ("service_role_arn", "source", "artifacts", "environment") if not wanted[option]]:
        raise RailyardError(f"project {name}: {', '.join(missing)} missing")
    project = declared(wanted)
    if said := project_rules.problems(project):
        raise RailyardError("\n".join(f"project {name}: {one}" for one in said), problems=said)
    if live is None:
        after = {**project, "tags": tags.change({}, wanted["tags"], False).after}
        params = _aws(
            client, "CreateProject", {"name": name, **{key: value for key, value in project.items() if value not in (None, {}, "")}}
        )
        step = Step("CreateProject", {**params, **_labels(after["tags"])}, already=("ResourceAlreadyExistsException",), propagation=FRESH)
        return Plan(None, after, (step,))
    different = {key: value for key, value in project.items() if key in SECTIONS and not same(key, live.get(key), value)}
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    after = {**live, **different, "tags": change.after}
    if not different and not change.put and not change.remove:
        return Plan(live, after)
    sections = {key: EMPTY[key] if key in EMPTY and value in (None, {}) else value for key, value in different.items()}
    params = _aws(client, "UpdateProject", {"name": name, **sections})
    if change.put or change.remove:
        params["tags"] = tags.as_pairs(change.after, "key", "value")
    return Plan(live, after, (Step("UpdateProject", params, propagation=FRESH),))


def _aws(client: Any, operation: str, value: Project) -> dict[str, Any]:
    return dict(shape.aws(shape.input_shape(client, operation), value))


def _labels(labels: dict[str, str]) -> dict[str, Any]:
    return {"tags": tags.as_pairs(labels, "key", "value")} if labels else {}


def same(section: str, live: Any, wanted: Any) -> bool:
    """Whether a live section is as declared. Members that nobody has declared and that AWS fills in are no difference. Pure."""
    if section == "environment":
        return _environment(live) == _environment(wanted)
    if section in ("source", "artifacts", "cache", "logs_config", "vpc_config"):
        return _without_defaults(section, live or {}) == _without_defaults(section, wanted)
    return bool(live == wanted)


# What AWS answers where nothing was said, by section: member and value, None for whatever it says.
DEFAULTS: dict[str, dict[str, Any]] = {
    "source": {
        "insecure_ssl": False,
        "git_clone_depth": 0,
        "report_build_status": False,
        "git_submodules_config": {"fetch_submodules": False},
    },
    "artifacts": {
        **{"name": None, "packaging": "NONE", "encryption_disabled": False, "override_artifact_name": False, "namespace_type": "NONE"},
        **{"path": "", "bucket_owner_access": "NONE"},
    },
    "cache": {"location": "", "modes": [], "cache_namespace": ""},
    "logs_config": {"s3_logs": None},
    "vpc_config": {"vpc_id": "", "subnets": [], "security_group_ids": []},
}


def _without_defaults(section: str, value: dict[str, Any]) -> dict[str, Any]:
    found = {key: item for key, item in value.items() if key not in DEFAULTS[section] or DEFAULTS[section][key] not in (None, item)}
    if section == "logs_config" and found.get("cloud_watch_logs") == {"status": "ENABLED"}:
        del found["cloud_watch_logs"]
    return {key: sorted(item) if key in ("modes", "subnets", "security_group_ids") else item for key, item in found.items()}


def _environment(value: dict[str, Any]) -> dict[str, Any]:
    """Without the order of variables; amazonlinux2-… are other names of AWS's images of amazonlinux-…."""
    variables = sorted(value["environment_variables"], key=lambda one: str(one["name"]))
    image = value["image"].replace("aws/codebuild/amazonlinux2-", "aws/codebuild/amazonlinux-")
    return {**value, "image": image, "environment_variables": variables}
