"""What the role scenarios of extensions/molecule stand on: a network, a load balancer, a service without tasks, an image, secrets.

`python -m tests.support.foundation STATE_FILE` makes it on the emulator of that state file and prints it as JSON. One process makes in a
second what a dozen tasks would make in twenty.
"""

from __future__ import annotations

import json
import secrets
import sys
from pathlib import Path
from typing import Any

from emulator import process

from . import bluegreen
from .bluegreen import Stage
from .emulated import Emulated

REPOSITORY = "molecule-ecs-local"
SECRETS = (
    "/molecule-ecs/local/DATABASE_URL",
    "/molecule-ecs/local/RAILS_MASTER_KEY",
    "/molecule-preflight/local/RAILS_MASTER_KEY",
)


def build(emulated: Emulated) -> dict[str, Any]:
    """Make it. What is behind `load_balancer` has the members of alb_result."""
    for name in SECRETS:
        emulated.client("ssm").put_parameter(Name=name, Type="SecureString", Value=secrets.token_hex(16))
    stage = bluegreen.build(emulated, count=0)
    return {
        "network": {"vpc_id": stage.vpc, "subnet_ids": stage.subnets, "security_group_id": stage.security_group},
        "load_balancer": _load_balancer(stage),
        "service": {"cluster": "shop", "name": "web"},
        "image": _image(emulated),
    }


def _load_balancer(stage: Stage) -> dict[str, Any]:
    return {
        "name": "shop",
        "load_balancer_arn": stage.load_balancer,
        "listener_arns": {"production": stage.listener, "test": stage.test_listener},
        "target_group_names": ["shop-blue", "shop-green"],
        "target_group_arns": [stage.blue, stage.green],
        "active_target_group_arn": stage.blue,
    }


def _image(emulated: Emulated) -> dict[str, str]:
    held: dict[str, str] = process.control(emulated.state, "images", repository=REPOSITORY)
    repository = emulated.client("ecr").create_repository(repositoryName=REPOSITORY)["repository"]
    return {"repository_uri": repository["repositoryUri"], "digest": held["digest"]}


def main(path: Path) -> None:
    state = process.running(path)
    if state is None:
        sys.exit(f"no emulator runs with the state file {path}")
    print(json.dumps(build(Emulated(state, path))))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
