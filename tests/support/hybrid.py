"""Consoles as nodes of Systems Manager, made step by step: activation, task, session."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from . import fargate, roles
from .channels import Client
from .emulated import REGION, Emulated

ROLE = "console-node"
TIER = "/ssm/managed-instance/activation-tier"
FOREVER = "10000000"
SHELL = {"linux": {"commands": "bin/rails console"}}


@dataclass
class Hybrid:
    made: fargate.Fargate

    @property
    def emulated(self) -> Emulated:
        return self.made.emulated

    @property
    def ssm(self) -> Any:
        return self.emulated.client("ssm")

    def activation(self, **wanted: Any) -> dict[str, Any]:
        return dict(self.ssm.create_activation(**{"IamRole": ROLE, **wanted}))

    def start(self, activation: dict[str, Any], **told: str) -> str:
        """Run a console's task; its ARN. `told`: what is told otherwise; "" leaves it out."""
        names = {"ACTIVATION_ID": activation["ActivationId"], "ACTIVATION_CODE": activation["ActivationCode"]}
        names |= {"REGION": REGION, "LIFETIME": FOREVER, **told}
        environment = [{"name": f"RAILYARD_CONSOLE_{name}", "value": value} for name, value in names.items() if value]
        return self.made.run(overrides={"containerOverrides": [{"name": "web", "environment": environment}]})

    def nodes(self, **params: Any) -> list[dict[str, Any]]:
        return list(self.ssm.describe_instance_information(**params)["InstanceInformationList"])

    def node(self) -> tuple[str, str]:
        """(node, task) of a console that is Online, in the tier that sessions need."""
        self.ssm.update_service_setting(SettingId=TIER, SettingValue="advanced")
        activation = self.activation()
        task = self.start(activation)
        self.emulated.advance(60)
        (node,) = self.nodes(Filters=[{"Key": "ActivationIds", "Values": [activation["ActivationId"]]}])
        return str(node["InstanceId"]), task

    def document(self, name: str, kind: str = "InteractiveCommands", properties: Any = None, **more: Any) -> str:
        """Make a session document; its name."""
        content = {"schemaVersion": "1.0", "sessionType": kind, "properties": SHELL if properties is None else properties, **more}
        self.ssm.create_document(Name=name, DocumentType="Session", Content=json.dumps(content))
        return name

    def client(self, node: str, document: str = "", **more: Any) -> Client:
        """A client of a new session."""
        named = {"DocumentName": document} if document else {}
        return Client(self.ssm.start_session(Target=node, **named, **more))

    def sessions(self, state: str = "Active", **params: Any) -> list[dict[str, Any]]:
        return list(self.ssm.describe_sessions(State=state, **params)["Sessions"])


def build(emulated: Emulated) -> Hybrid:
    roles.make(emulated, "node", ROLE)
    return Hybrid(fargate.build(emulated))
