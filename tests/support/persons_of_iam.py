"""A user of IAM who has the policies of the deployer or the developer, as a key for playbooks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._environment.naming import Names
from emulator import process
from tests.policies import calls, documents

from .emulated import Emulated
from .names import names


@dataclass(frozen=True)
class Person:
    emulated: Emulated
    name: str

    @property
    def words(self) -> tuple[str, ...]:
        """What says to a playbook that this person runs it."""
        return ("-e", f"@{_file(self.emulated, self.name)}")

    def without(self, action: str) -> None:
        """Take an action away from the policies."""
        self._put(action)

    def whole(self) -> None:
        """Give back what was taken away."""
        self._put("")

    def _put(self, lacking: str, own: Names | None = None) -> None:
        iam = self.emulated.client("iam")
        for document, statements in documents.files(self.name, calls.of(self.name)).items():
            text = documents.rendered(documents.template(statements), own or names())
            known = json.loads(text)
            for statement in known["Statement"]:
                statement["Action"] = [action for action in statement["Action"] if action != lacking] or ["none:None"]
            iam.put_user_policy(UserName=self.name, PolicyName=document, PolicyDocument=json.dumps(known))


def make(emulated: Emulated, name: str) -> Person:
    """The deployer or the developer of inventories/local."""
    iam = emulated.client("iam")
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_user(UserName=name)
    key = iam.create_access_key(UserName=name)["AccessKey"]
    given = {"railyard_access_key": key["AccessKeyId"], "railyard_secret_key": key["SecretAccessKey"]}
    _file(emulated, name).write_text(json.dumps(given))
    person = Person(emulated, name)
    person.whole()
    return person


def _file(emulated: Emulated, name: str) -> Path:
    return emulated.path.with_name(f"{name}.json")


@contextmanager
def judged(emulated: Emulated) -> Iterator[None]:
    """While this lasts, a key may do what its user may."""
    process.control(emulated.state, "authority", on=True)
    try:
        yield
    finally:
        process.control(emulated.state, "authority", on=False)


def asked(emulated: Emulated) -> set[str]:
    """The actions for which callers were judged since that was switched on."""
    answer: dict[str, Any] = process.control(emulated.state, "authority")
    return set(answer["asked"])
