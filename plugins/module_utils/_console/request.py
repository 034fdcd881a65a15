# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The request for a console, and the names, command and tags that follow from it."""

from __future__ import annotations

import re
import secrets
import shlex
from dataclasses import dataclass, field
from typing import Any

from .._core.errors import RailyardError
from .._environment.naming import Names
from .._one_off.command import changes_schema

HYBRID, EXEC = "hybrid", "exec"
KIND = "console"
RAILS = "bin/rails console"
SANDBOX = "--sandbox"
MOST_REASON = 256  # https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_StartSession.html
# The container's own way to a node (examples/shop/bin/console-node).
NODE = ["bin/console-node"]
VARIABLE = "RAILYARD_CONSOLE_"
# What the container is told of its activation. The code comes as a secret of the task definition, never in RunTask's overrides, which
# DescribeTasks shows to anybody who may call it.
TOLD = {"id": f"{VARIABLE}ACTIVATION_ID", "code": f"{VARIABLE}ACTIVATION_CODE", "region": f"{VARIABLE}REGION"}


@dataclass(frozen=True)
class Request:
    """One console in the environment from `names`.

    `command`: a line; None for the Rails console. `write`: what it changes stays, also where the environment is `protected`.
    `forward`: a local port that becomes the database's instead of a command, 0 for any. `minutes`: after that the container ends by
    itself. `identity` names all that is made for it, and is what it is found by.
    """

    names: Names
    requested_by: str
    mode: str = HYBRID
    reason: str = ""
    command: str | None = None
    write: bool = False
    protected: bool = True
    minutes: int = 60
    service: str = "web"
    image: str | None = None
    forward: int | None = None
    identity: str = field(default_factory=lambda: f"console-{secrets.token_hex(6)}")

    @property
    def log_group(self) -> str:
        return self.names.log_groups["console"]

    @property
    def node_role(self) -> str:
        """The role that the role ssm_hybrid makes for nodes."""
        return self.names.roles[KIND]

    @property
    def document(self) -> str:
        """The session document that the role ssm_hybrid makes."""
        return self.names.documents[KIND if self.forward is None else "forward"]

    @property
    def code_parameter(self) -> str:
        """Where the activation's code is while the container starts. The role ecs lets the execution role read what is in this folder."""
        return f"{code_folder(self.names)}/{self.identity}"

    @property
    def tags(self) -> dict[str, str]:
        """Of activation, node and task (rule SSM-A4: a node gets those of its activation)."""
        return {
            **self.names.owner,
            KIND: self.identity,
            "requested-by": re.sub(r"[^\w.:/=+@ -]", "-", self.requested_by)[:256],
        }


def code_folder(names: Names) -> str:
    return names.parameter(KIND)


def check(wanted: Request) -> None:
    """Raises RailyardError for what must not be opened like this. Pure."""
    if wanted.mode not in (HYBRID, EXEC):
        raise RailyardError(f"railyard_console is {wanted.mode!r}; it must be {HYBRID} or {EXEC}")
    if not 1 <= wanted.minutes <= 24 * 60:
        raise RailyardError(f"a console of {wanted.minutes} minutes; it must be 1 to 1440")
    if len(wanted.reason) > MOST_REASON:
        raise RailyardError(f"the reason has {len(wanted.reason)} characters; Session Manager takes at most {MOST_REASON}")
    if wanted.forward is not None and wanted.mode == EXEC:
        raise RailyardError(f"a port can be forwarded with railyard_console: {HYBRID} only; ECS Exec runs commands")
    if wanted.forward is None and changes_schema([line(wanted)]):
        raise RailyardError(
            f"`{wanted.command}` changes the schema. A console takes no lock and is recorded nowhere, so that a rollback would not know of "
            "it. playbooks/migrate.yml migrates, and playbooks/run.yml -e command=<command> runs others under the lock, recorded"
        )
    if wanted.forward is None and wanted.protected and not wanted.write and not sandboxed(wanted):
        raise RailyardError(
            f"{wanted.names.environment} is protected, and `{wanted.command}` has no sandbox: what it changes stays. To run it all the "
            "same: -e write=yes"
        )


def sandboxed(wanted: Request) -> bool:
    """Whether what is changed is rolled back at the end. Pure."""
    return SANDBOX in line(wanted).split()


def line(wanted: Request) -> str:
    """The command as a line: the Rails console, in its sandbox where the environment is protected and nobody asked to write. Pure."""
    if wanted.command:
        return wanted.command
    return RAILS if wanted.write or not wanted.protected else f"{RAILS} {SANDBOX}"


def words(wanted: Request) -> list[str]:
    """The command word by word. Raises RailyardError for a line that no shell could split. Pure."""
    try:
        found = shlex.split(line(wanted))
    except ValueError as error:
        raise RailyardError(f"the command {line(wanted)!r} cannot be split into words: {error}") from error
    if not found:
        raise RailyardError("the command is empty; leave it out for the Rails console")
    return found


def container(wanted: Request, activation: dict[str, Any] | None = None) -> dict[str, Any]:
    """{command, environment} of the task: a node of Systems Manager, or a container that waits for ECS Exec. Pure.

    `activation`: {id, region}. Its code comes as a secret (see TOLD); it is good for one registration, and the container forgets it then.
    """
    seconds = str(wanted.minutes * 60)
    if activation is None:
        return {"command": ["sleep", seconds], "environment": {}}
    told = {TOLD[name]: value for name, value in activation.items()}
    return {"command": NODE, "environment": {**told, f"{VARIABLE}LIFETIME": seconds}}


def parameters(wanted: Request) -> dict[str, Any]:
    """Those of the session document. Pure."""
    if wanted.forward is not None:
        return {"localPortNumber": [str(wanted.forward)]}
    return {"command": [" ".join(words(wanted))]}


def remark(wanted: Request) -> str:
    """What Session Manager keeps as the session's reason: who, why, and whether it may write. Pure."""
    if wanted.forward is not None:
        return f"{wanted.requested_by}, port of the database: {wanted.reason}"[:MOST_REASON]
    may = "" if sandboxed(wanted) else ", writes"
    return f"{wanted.requested_by}{may}: {wanted.reason or line(wanted)}"[:MOST_REASON]
