# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The names, paths, tags and ports of one environment. Only this file decides them. Pure.

Roles and playbooks get them from the lookup railyard.fargate.names, modules as their option `names`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from itertools import product
from string import Formatter
from typing import Any

from .._core import ownership
from .._ecr.image import NO_DIGEST
from .kinds import DECLARED_ONLY, FORMS, KINDS

# The variables of an inventory by which a name is another than <application>-<environment>, and the member of Names that each sets.
VARIABLES = {
    "alb_name": "load_balancer",
    "alb_production_port": "production_port",
    "alb_test_port": "test_port",
    "codedeploy_name": "codedeploy",
    "ecr_name": "repository",
    "ecs_name": "cluster",
    "ecs_prefix": "path",
    "pipeline_name": "pipeline",
    "rds_name": "database",
    "releases_bucket": "bucket",
    "ssm_hybrid_name": "console",
    "vpc_name": "vpc",
}
# What the names are made of.
DESCRIPTION = ("railyard_app", "railyard_environment", "railyard_account_id", "railyard_region", "railyard_tags", "railyard_processes")
PORTS = {"production_port": 80, "test_port": 8080}
# What follows from the members of Names, for templates.
DERIVED = (
    *("environment_name", "owner", "target_groups", "access_log_bucket", "families", "log_groups", "scalable_targets"),
    *("roles", "documents", "database_port", "placeholder_digest"),
    *("build_projects", "build_log_groups", "pipeline_log_group", "artifact_bucket", "cache_repository"),
    *("topic", "alarm_prefix", "dashboard", "event_rules", "api_destination"),
)
# What has task definitions and log groups beside the processes: one-off tasks, and consoles.
BESIDE = ("run", "console")


@dataclass(frozen=True)
class Names:
    """Of `shop` in `production`: environment_name `shop-production`, path `/shop/production`; each name of a resource as AWS has it.

    `cluster` also begins the families of task definitions and the roles of tasks; `console` the role and the documents of sessions;
    `codedeploy` the application, its role and its configurations; `vpc` the security groups; `pipeline` the connection, the build projects,
    their roles and the bucket of artifacts. `tags` are all of the environment's.
    """

    application: str
    environment: str
    account_id: str
    region: str
    path: str
    vpc: str
    load_balancer: str
    repository: str
    cluster: str
    database: str
    codedeploy: str
    console: str
    bucket: str
    pipeline: str = ""
    production_port: int = PORTS["production_port"]
    test_port: int = PORTS["test_port"]
    processes: Sequence[str] = ()
    tags: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment_name(self) -> str:
        return environment_name(self.application, self.environment)

    @property
    def owner(self) -> dict[str, str]:
        """The tags by which a resource is this environment's."""
        return ownership.of(self.application, self.environment)

    @property
    def found_by(self) -> dict[str, str]:
        """The tags by which consoles, one-off tasks and what EC2 has are found; `owner` says whether they are owned."""
        return {key: value for key, value in self.owner.items() if key in ("application", "environment")}

    @property
    def placeholder_digest(self) -> str:
        """The digest that task definitions name before the first release. No image has it."""
        return NO_DIGEST

    @property
    def database_port(self) -> int:
        """The port of PostgreSQL."""
        return 5432

    @property
    def target_groups(self) -> list[str]:
        """The names of the blue and the green target group."""
        return self.of_kind("target group")

    @property
    def access_log_bucket(self) -> str:
        return self.of_kind("bucket")[1]

    @property
    def artifact_bucket(self) -> str:
        """The bucket in which the actions of the pipeline hand files to each other."""
        return self.of_kind("bucket")[2]

    @property
    def cache_repository(self) -> str:
        """The repository of layers that builds use again."""
        return self.of_kind("image repository")[1]

    @property
    def topic(self) -> str:
        """The SNS topic of alarms and of what the pipeline tells."""
        return self.of_kind("topic")[0]

    @property
    def event_rules(self) -> dict[str, str]:
        """Rules of EventBridge by what they tell of: failed, stage-failed, succeeded, stopped, approval, rolled-back."""
        return {name.removeprefix(f"{self.environment_name}-"): name for name in self.of_kind("event rule")}

    @property
    def api_destination(self) -> str:
        """The chat that is told, and its connection."""
        return self.of_kind("api destination")[0]

    @property
    def alarm_prefix(self) -> str:
        """With what the names of the environment's alarms begin."""
        return f"{self.environment_name}-"

    @property
    def dashboard(self) -> str:
        """The dashboard of CloudWatch."""
        return self.of_kind("dashboard")[0]

    @property
    def build_projects(self) -> dict[str, str]:
        """Names of the CodeBuild projects by purpose: build, test."""
        return {name.rpartition("-")[2]: name for name in self.of_kind("build project")}

    @property
    def build_log_groups(self) -> dict[str, str]:
        """Log groups of the CodeBuild projects by purpose, as CodeBuild names them."""
        return {purpose: f"/aws/codebuild/{project}" for purpose, project in self.build_projects.items()}

    @property
    def pipeline_log_group(self) -> str:
        """The log group of the pipeline's own commands, as CodePipeline names it."""
        return f"/aws/codepipeline/{self.pipeline}"

    @property
    def families(self) -> dict[str, str]:
        """The families of task definitions by process, and of `run` (one-off tasks) and `console`."""
        return {process: self.family(process) for process in (*self.processes, *BESIDE)}

    @property
    def log_groups(self) -> dict[str, str]:
        """The log groups by process, and of `run` (one-off tasks) and `console` (sessions)."""
        return {process: f"{self.path}/{process}" for process in (*self.processes, *BESIDE)}

    @property
    def scalable_targets(self) -> dict[str, str]:
        """Resource ids of the services in Application Auto Scaling, by process."""
        return {process: f"service/{self.cluster}/{process}" for process in self.processes}

    @property
    def roles(self) -> dict[str, str]:
        """Names of IAM roles by purpose: execution, task, infrastructure, codedeploy, console, pipeline, build, step, chat."""
        return {name.rpartition("-")[2]: name for name in self.of_kind("role")}

    @property
    def documents(self) -> dict[str, str]:
        """Names of session documents by purpose: console, forward."""
        return {name.rpartition("-")[2]: name for name in self.of_kind("session document")}

    def family(self, process: str) -> str:
        """The family of a process's task definitions, of `run` (one-off tasks) and of `console`."""
        return family(self.cluster, process)

    def parameter(self, secret: str) -> str:
        """The parameter in which a secret is kept."""
        return f"{self.path}/{secret}"

    def as_dict(self) -> dict[str, Any]:
        """All members and derived members, for templates."""
        return {**asdict(self), **{name: getattr(self, name) for name in DERIVED}}

    def of_kind(self, kind: str, **known: Sequence[str]) -> list[str]:
        """All names of a kind that the members determine. `known`: more values of the templates' fields family, log and secret."""
        values, found = self._values(known), []
        for template in KINDS[kind]:
            parts = [part for _literal, part in _parsed(template) if part]
            for chosen in product(*(values.get(part, ()) for part in parts)):
                found.append(template.format(**dict(zip(parts, chosen, strict=True))))
        return found

    def has(self, kind: str, name: str, **known: Sequence[str]) -> bool:
        """Whether something of this kind would have exactly this name in the environment."""
        return any(self._pattern(template, kind, known).fullmatch(name) for template in KINDS.get(kind, ()))

    def may_have(self, name: str) -> bool:
        """Whether a name begins like one of the environment, so that its tags are read. Other environments may have such names, too."""
        begins = {self.environment_name, *(str(getattr(self, member)) for member in VARIABLES.values())}
        return any(name == begin or name.startswith(f"{begin}-") for begin in begins)

    def _values(self, known: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
        own = {one.name: (value,) for one in fields(self) if isinstance(value := getattr(self, one.name), str)}
        own["environment_name"] = (self.environment_name,)
        return {**own, "process": tuple(self.processes), **{part: tuple(texts) for part, texts in known.items()}}

    def _pattern(self, template: str, kind: str, known: Mapping[str, Sequence[str]]) -> re.Pattern[str]:
        text, all_values = "", self._values(known)
        for literal, part in _parsed(template):
            values = "|".join(re.escape(value) for value in all_values.get(part, ()))
            form = "(?!)" if kind in DECLARED_ONLY else FORMS.get(part, "")
            text += re.escape(literal) + (f"(?:{values or form})" if part else "")
        return re.compile(text)


def build(description: Mapping[str, Any]) -> Names:
    """The names of an environment. `description`: the variables of DESCRIPTION and of VARIABLES that its inventory sets.

    A missing variable of DESCRIPTION becomes "", so that an incomplete description can be checked.
    """
    application, environment, account, region = (_text(description.get(name)) for name in DESCRIPTION[:4])
    base = environment_name(application, environment)
    said = {member: description[variable] for variable, member in VARIABLES.items() if description.get(variable) not in (None, "")}
    ports = {member: int(said.pop(member, default)) for member, default in PORTS.items()}
    names: dict[str, str] = {
        **dict.fromkeys(("vpc", "load_balancer", "repository", "cluster", "database", "codedeploy", "console", "pipeline"), base),
        "path": f"/{application}/{environment}",
        "bucket": f"{base}-releases-{account}",
        **{member: str(value) for member, value in said.items()},
    }
    # RDS keeps identifiers in lower case.
    names["database"] = names["database"].lower()
    return Names(
        application=application,
        environment=environment,
        account_id=account,
        region=region,
        production_port=ports["production_port"],
        test_port=ports["test_port"],
        processes=tuple(description.get("railyard_processes") or ()),
        tags={**(description.get("railyard_tags") or {}), **ownership.of(application, environment)},
        **names,
    )


def of_option(given: Mapping[str, Any]) -> Names:
    """Names from a module's option `names`, which is what `as_dict` returns. Derived members are ignored."""
    return Names(**{one.name: given[one.name] for one in fields(Names) if one.name in given})


def missing(given: Mapping[str, Any]) -> list[str]:
    """Names of the members that `of_option` needs and `given` lacks."""
    needed = [one.name for one in fields(Names) if one.default is MISSING and one.default_factory is MISSING]
    return [name for name in needed if not given.get(name)]


def environment_name(application: str, environment: str) -> str:
    """`shop-production`; "" when a part of it is not known."""
    return f"{application}-{environment}" if application and environment else ""


def family(cluster: str, process: str) -> str:
    """The family of task definitions of a process in a cluster."""
    return f"{cluster}-{process}"


def _parsed(template: str) -> Iterator[tuple[str, str]]:
    for literal, part, _format, _conversion in Formatter().parse(template):
        yield literal, part or ""


def _text(value: Any) -> str:
    return "" if value is None else str(value)
