"""A managed node of an emulated AWS, sessions in it, and the client in each of them."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from . import fargate, roles
from .emulated import REGION, Emulated

ROLE, SHELL = "console-node", "shell"
LIFETIME = "10000000"
REMOTE = "AWS-StartPortForwardingSessionToRemoteHost"
ADVANCED = "/ssm/managed-instance/activation-tier"


@dataclass
class Node:
    emulated: Emulated
    target: str

    def client(self, document: str = SHELL, **parameters: list[str]) -> tuple[list[str], dict[str, str], str]:
        """Begin a session; (words, environment, session id) of its client."""
        from ansible_collections.railyard.fargate.plugins.plugin_utils._session import choose

        request: dict[str, Any] = {"Target": self.target, "DocumentName": document, "Parameters": parameters}
        answer = self.emulated.client("ssm").start_session(**request)
        credentials = {"AWS_ACCESS_KEY_ID": "EMULATOR", "AWS_SECRET_ACCESS_KEY": "EMULATOR"}
        options = {"region": REGION, "endpoint_url": self.emulated.state.url, "credentials": credentials}
        return *choose.command(answer, request, options), str(answer["SessionId"])

    @contextmanager
    def forwarded(self, host: str = "db.internal", **consoles: Any) -> Iterator[tuple[int, subprocess.Popen[str]]]:
        """(local port, the client that listens there) of a session that leads to port 5432 of a host."""
        self.emulated.consoles(**consoles)
        with socket.create_server(("127.0.0.1", 0)) as free:
            local = free.getsockname()[1]
        words, environment, session = self.client(REMOTE, host=[host], portNumber=["5432"], localPortNumber=[str(local)])
        pipes: dict[str, Any] = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        with subprocess.Popen(words, env=environment, text=True, **pipes) as client:
            try:
                assert client.stdout is not None
                while str(local) not in (line := client.stdout.readline()):
                    assert line, "the client has ended"
                yield local, client
            finally:
                client.kill()
                self.emulated.client("ssm").terminate_session(SessionId=session)

    def document(self, name: str, kind: str = "InteractiveCommands", inputs: Mapping[str, Any] | None = None, **properties: Any) -> str:
        """Make a session document; its name. `properties`: those of its `kind`, a Rails console when nothing is said."""
        wanted = properties or {"linux": {"commands": "bin/rails console", "runAsElevated": True}}
        content = {"schemaVersion": "1.0", "description": name, "sessionType": kind, "inputs": dict(inputs or {}), "properties": wanted}
        self.emulated.client("ssm").create_document(Name=name, DocumentType="Session", Content=json.dumps(content))
        return name


def build(emulated: Emulated, made: fargate.Fargate | None = None) -> Node:
    """A node in a task that runs until the end of the tests."""
    made = made or fargate.build(emulated)
    roles.make(emulated, "node", ROLE)
    ssm = emulated.client("ssm")
    ssm.update_service_setting(SettingId=ADVANCED, SettingValue="advanced")
    activation = ssm.create_activation(IamRole=ROLE, RegistrationLimit=1)
    told = {
        "ACTIVATION_ID": activation["ActivationId"],
        "ACTIVATION_CODE": activation["ActivationCode"],
        "REGION": REGION,
        "LIFETIME": LIFETIME,
    }
    environment = [{"name": f"RAILYARD_CONSOLE_{name}", "value": value} for name, value in told.items()]
    made.define(containerDefinitions=[{**fargate.CONTAINER, "environment": environment}])
    made.run()
    emulated.advance(300)
    nodes = ssm.describe_instance_information()["InstanceInformationList"]
    node = Node(emulated, nodes[0]["InstanceId"])
    node.document(SHELL)
    return node
