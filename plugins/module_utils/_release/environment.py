# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a release must know of an environment. Everything else is read from AWS, so that a release never knows better than `site`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .._environment.description import Process, SmokeTest, Traffic
from .._environment.naming import Names

Clients = dict[str, Any]
SERVICES = ("application-autoscaling", "cloudwatch", "codedeploy", "ecr", "ecs", "elbv2", "iam", "logs", "s3", "ssm")
WEB = "web"


@dataclass(frozen=True)
class Environment:
    """`processes` by name, web among them. `protected`: destructive migrations must be asked for. `smoke`: None for no smoke test.

    `architecture`: X86_64 or ARM64. `engine`: codedeploy or ecs. `keep`: so many releases stay possible to roll back to.
    """

    names: Names
    processes: Mapping[str, Process]
    architecture: str = "X86_64"
    engine: str = "codedeploy"
    protected: bool = True
    traffic: Traffic = field(default_factory=Traffic)
    smoke: SmokeTest | None = None
    keep: int = 10

    @property
    def name(self) -> str:
        """As people know it: shop-production."""
        return self.names.environment_name

    @property
    def cluster(self) -> str:
        return self.names.cluster

    @property
    def bucket(self) -> str:
        return self.names.bucket

    @property
    def repository(self) -> str:
        return self.names.repository

    @property
    def workers(self) -> list[str]:
        return [name for name in self.processes if name != WEB]

    def strategy(self) -> dict[str, Any]:
        """How ECS's own engine moves traffic: the options of `_ecs/deployment_options.update`."""
        shift = self.traffic.get("shift", "all_at_once")
        wanted: dict[str, Any] = {"strategy": {"canary": "CANARY", "linear": "LINEAR"}.get(shift, "BLUE_GREEN")}
        wanted |= {"bake_minutes": self.traffic.get("keep_old", 0), "pause": self.smoke is not None}
        if shift in ("canary", "linear"):
            wanted |= {"step_percent": self.traffic["percent"], "step_minutes": self.traffic["minutes"]}
        return wanted
