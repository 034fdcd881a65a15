"""A release in a process of its own, which is killed right after its n-th write: `python -m tests.support.killed_release <JSON>`."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

import boto3

from emulator import process
from tests.conftest import pytest_configure

from .emulated import REGION

READS = ("Get", "List", "Describe", "Head", "BatchGet", "BatchCheck")


def main(given: dict[str, Any]) -> None:
    pytest_configure(None)  # type: ignore[arg-type]
    from ansible_collections.railyard.fargate.plugins.module_utils._release import flow
    from ansible_collections.railyard.fargate.plugins.module_utils._release.at_work import Order
    from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import SERVICES

    from .releasing import Releasing

    left = [int(given["write"])]

    def count(http_response: Any, model: Any, **_event: Any) -> None:
        if not model.name.startswith(READS) and http_response.status_code < 300:
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    session = boto3.session.Session(aws_access_key_id="EMULATOR", aws_secret_access_key="x", region_name=REGION)
    session.events.register_first("after-call", count)
    clients = {service: session.client(service, endpoint_url=given["url"]) for service in SERVICES}
    state = process.running(Path(given["state"]))
    assert state
    releasing = Releasing.at(state, Path(given["state"]))
    flow.release(releasing.env, clients, Order(image=given["image"], who="deborah"), releasing.said.append, releasing.clock)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
