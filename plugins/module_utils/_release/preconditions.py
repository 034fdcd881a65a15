# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What must be there before a release begins, read all at once; everything that is missing is said at once, before the first write."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Optional

from .._codedeploy import deployment as codedeploy
from .._core import aws, ownership, tags
from .._core.errors import RailyardError
from .._core.plan import Plan
from .._ecr.image import NO_DIGEST
from .._ecs import carried, live_services, revisions
from .._ecs.revisions import Revision
from .._ecs.service import Service
from .._elbv2 import maintenance, reads, traffic
from .._one_off import families
from . import configuration
from .environment import WEB, Clients, Environment

# Long texts of AWS: a parameter's ARN in a task definition names it after this.
PARAMETER = ":parameter"
ABSENT_REPOSITORY = {"RepositoryNotFoundException"}
Check = Callable[[], Optional[str]]


@dataclass(frozen=True)
class Live:
    """What is there, by process: services, newest and running task definitions (see revisions.read). `repository_uri`: without tag.

    `declared` is what `site` has kept for the next release (see configuration), `group` the target group that users reach.
    """

    services: dict[str, Service]
    definitions: dict[str, Revision]
    running: dict[str, Revision]
    repository_uri: str
    declared: dict[str, dict[str, Any]] = field(default_factory=dict)
    group: dict[str, Any] = field(default_factory=dict)

    def plan(self, process: str, image: str) -> Plan:
        """What leads to the newest configuration of a process with this image."""
        return revisions.make_plan(self.definitions[process], self.repository_uri, image, self.running.get(process))

    def waiting(self, process: str) -> dict[str, Any]:
        """What the next release of a process brings beside its task definition."""
        group = self.group if process == WEB else {}
        return configuration.waiting(self.declared.get(process, {}), self.services[process], group)

    def settings(self, process: str) -> dict[str, Any]:
        """All that is declared of it, as a deployment is told. Something that waits makes a deployment of what is live already."""
        return {**carried.settings(self.declared.get(process, {})), **({"force": True} if self.waiting(process) else {})}

    @property
    def owner(self) -> dict[str, str]:
        """The tags of what is ours, as site has given them to web's task definition."""
        return ownership.declared(tags.as_dict(self.definitions[WEB]["tags"], "key", "value"))

    @property
    def image(self) -> str | None:
        """The image that users reach; None before the first release."""
        image: str | None = (self.services[WEB].get("live_images") or {}).get(WEB)
        return None if image is None or image.endswith(NO_DIGEST) else image

    @property
    def digest(self) -> str | None:
        return self.image.partition("@")[2] or None if self.image else None

    @property
    def first(self) -> bool:
        """Whether the environment waits for its first release."""
        return self.image is None


def read(env: Environment, clients: Clients) -> Live:
    """Services, newest task definitions and the repository. Raises RailyardError for what `site` has to make first."""
    families = {env.names.family(process): process for process in env.processes}
    with ThreadPoolExecutor(4) as pool:
        services = pool.submit(live_services.read, clients["ecs"], env.cluster, list(env.processes), True)
        definitions = pool.submit(revisions.read_all, clients["ecs"], list(families))
        repository = pool.submit(aws.find, clients["ecr"], "DescribeRepositories", ABSENT_REPOSITORY, repositoryNames=[env.repository])
        declared = pool.submit(configuration.declared, clients, env.bucket)
        found = {item["service_name"]: item for item in services.result()}
        missing = [process for process in env.processes if process not in found]
        if missing:
            raise RailyardError(f"there is no service {', '.join(missing)} in cluster {env.cluster}; site.yml makes it")
        known = (repository.result() or {}).get("repositories")
        if not known:
            raise RailyardError(f"there is no repository {env.repository}; site.yml makes it")
        arns = {name: item["live_task_definition"] for name, item in found.items() if item.get("live_task_definition")}
        group = pool.submit(configuration.live_group, clients, found[WEB])
        running = revisions.read_all(clients["ecs"], sorted(set(arns.values())))
        newest = {families[family]: item for family, item in definitions.result().items()}
        live = {name: running[arn] for name, arn in arns.items()}
        return Live(found, newest, live, known[0]["repositoryUri"], declared.result(), group.result())


def check(env: Environment, clients: Clients, live: Live) -> None:
    """Raises RailyardError with everything that a release would stumble over later (`problems`)."""
    checks: list[Check] = [
        *_roles(clients, live),
        *_secrets(clients, live),
        *_log_groups(clients, env, live),
        partial(_pair, env, clients, live),
    ]
    checks += [lambda: closed(env), partial(families.taken, clients["ecs"], env.cluster, live.owner)]
    problems = [problem for problem in aws.concurrently(lambda one: one(), checks) if problem]
    if problems:
        raise RailyardError(f"the release cannot begin: {'; '.join(problems)}. Nothing was done", problems=problems)


def closed(env: Environment) -> str | None:
    """Whether it can be tried out at all, as far as that is said."""
    smoke = env.smoke or {}
    if smoke.get("scheme") == "https" and not smoke.get("host"):
        return "railyard_smoke asks by https without a host, and no certificate has the load balancer's own name: host: shop.example.com"
    if smoke.get("sources") != [] or smoke.get("proxy"):
        return None
    way = "vpc_alb_test_sources names the addresses that may, that of this machine for example (203.0.113.7/32), and site.yml lets them"
    return f"nobody may reach the test listener, where it is to be tried out: {way}; railyard_smoke: {{tries: 0}} leaves that out"


def _roles(clients: Clients, live: Live) -> Iterator[Check]:
    definitions = [item["definition"] for item in live.definitions.values()]
    arns = {item[key] for item in definitions for key in ("executionRoleArn", "taskRoleArn") if item.get(key)}
    for name in sorted(arn.rpartition("/")[2] for arn in arns):
        yield partial(_role, clients, name)


def _role(clients: Clients, name: str) -> str | None:
    found = aws.find(clients["iam"], "GetRole", {"NoSuchEntity"}, RoleName=name)
    return None if found else f"the role {name} of the tasks is gone (site.yml makes it)"


def _secrets(clients: Clients, live: Live) -> Iterator[Check]:
    """Names of parameters, never their values; ten are described at once."""
    references = {
        item["valueFrom"]
        for found in live.definitions.values()
        for container in found["definition"]["containerDefinitions"]
        for item in container.get("secrets", [])
    }
    names = sorted(reference.partition(PARAMETER)[2] if PARAMETER in reference else reference for reference in references)
    parameters = [name for name in names if not name.startswith("arn:")]
    for some in aws.batches(parameters, 10):
        yield partial(_absent, clients, some)


def _absent(clients: Clients, names: list[str]) -> str | None:
    filters = [{"Key": "Name", "Option": "Equals", "Values": names}]
    found = {item["Name"] for item in aws.pages(clients["ssm"], "DescribeParameters", "Parameters", ParameterFilters=filters)}
    missing = [name for name in names if name not in found]
    return f"no value is stored for {', '.join(missing)} (playbooks/secret.yml stores it)" if missing else None


def _log_groups(clients: Clients, env: Environment, live: Live) -> Iterator[Check]:
    options = [
        (container.get("logConfiguration") or {}).get("options", {})
        for found in live.definitions.values()
        for container in found["definition"]["containerDefinitions"]
    ]
    groups = {item["awslogs-group"] for item in options if item.get("awslogs-group") and not item.get("awslogs-create-group")}
    yield partial(_gone, clients, sorted(groups | {env.names.log_groups["run"]}))


def _gone(clients: Clients, groups: list[str]) -> str | None:
    prefixes = sorted({group.rpartition("/")[0] for group in groups})
    found = {
        item["logGroupName"]
        for prefix in prefixes
        for item in aws.pages(clients["logs"], "DescribeLogGroups", "logGroups", logGroupNamePrefix=prefix or groups[0])
    }
    missing = [group for group in groups if group not in found]
    return f"the log group {', '.join(missing)} is gone (site.yml makes it)" if missing else None


def _pair(env: Environment, clients: Clients, live: Live) -> str | None:
    """Whether the next deployment finds the pair of target groups behind the listener (rules ECS-L2, ECS-L3), and no maintenance page."""
    if env.engine != "codedeploy":
        return _maintained(clients, maintenance.listener_of(live.services[WEB]))
    group = {"applicationName": env.names.codedeploy, "deploymentGroupName": WEB}
    info = aws.call(clients["codedeploy"], "GetDeploymentGroup", **group)["deploymentGroupInfo"]
    (pair,) = (info.get("loadBalancerInfo") or {}).get("targetGroupPairInfoList") or [None]
    if pair is None:
        return f"the deployment group {env.names.codedeploy}/{WEB} has no pair of target groups (site.yml gives it one)"
    names = [item["name"] for item in pair["targetGroups"]]
    groups = aws.pages(clients["elbv2"], "DescribeTargetGroups", "TargetGroups", {"TargetGroupNotFound"}, Names=names)
    if len(groups) != len(names):
        return f"the target groups {' and '.join(names)} are not both there (site.yml makes them)"
    arns, listener = [item["TargetGroupArn"] for item in groups], pair["prodTrafficRoute"]["listenerArns"][0]
    if on := _maintained(clients, listener):
        return on
    if not _apart(clients, arns, listener, live.services[WEB]):
        return None
    if codedeploy.running(clients, {"application": env.names.codedeploy, "group": WEB}):
        # For a moment the listener is ahead of the PRIMARY task set.
        return None
    # Nothing moves the listener any more: what was read while a deployment came to its end is read once more.
    (service,) = live_services.read(clients["ecs"], env.cluster, [WEB], False)
    problem = _apart(clients, arns, listener, service)
    return f"{problem}; playbooks/repair.yml repairs it" if problem else None


def _maintained(clients: Clients, listener: str | None) -> str | None:
    """Whether users see the maintenance page: its rule for allowed addresses would send them to the old tasks after a release."""
    on = listener and maintenance.shown_by(clients["elbv2"], listener)
    return "the maintenance page is on; playbooks/maintenance.yml -e do=off ends it" if on else None


def _apart(clients: Clients, pair: list[str], listener: str, service: Service) -> str | None:
    """What keeps the PRIMARY task set of a service from being behind the listener, as AWS is at this moment."""
    found = traffic.decide(pair, reads.actions(clients, listener), traffic.primary_of(service))
    return None if found.shifting else found.problem
