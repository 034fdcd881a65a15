# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The program that a pipeline's stages run: `python3 railyard.pyz migrate`. It prints lines of progress, and ends with 0 or 1.

  built REPOSITORY TAG  in Build, before it builds: prints the digest of the image with this tag, and nothing if there is none
  artifacts [FOLDER]    in Build, after the push: writes imageDetail.json, taskdef.json and appspec.yaml
  fits                  before a stage: whether the boto3 of this machine knows all that the environment needs
  migrate, deploy, record   in the stages Migrate, Deploy and Record

Environment variables: RAILYARD_BUCKET (where the environment is described), RAILYARD_PIPELINE, RAILYARD_EXECUTION, RAILYARD_IMAGE (what was
pushed: a digest, a tag or a URI), RAILYARD_COMMIT, and of a promotion
RAILYARD_AUTHOR, RAILYARD_SUBJECT and RAILYARD_LINK. Credentials, Region and endpoint are as boto3 finds them.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError
except ImportError:
    pass  # A module only stores it.

from .._codepipeline.own_execution import Execution
from .._core import interruption
from .._core.clients import Clients
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._ecr import image as images
from .._release.failures import retry
from . import artifacts, described, needs, stages
from .part import Part

STAGES: dict[str, tuple[str, Callable[[Part], None]]] = {
    "migrate": ("Migrate", stages.migrate),
    "deploy": ("Deploy", stages.deploy),
    "record": ("Record", stages.finish),
}
VERBS = ("built REPOSITORY TAG", "artifacts [FOLDER]", "fits", *STAGES)
BUCKET, PIPELINE, EXECUTION = "RAILYARD_BUCKET", "RAILYARD_PIPELINE", "RAILYARD_EXECUTION"
# CodePipeline ends a Commands action after 55 minutes, without a word.
# https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference-Commands.html
MINUTES = 54
AGENT = "railyard.fargate"


def main(arguments: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Do what a verb says; the exit code."""
    if not arguments or arguments[0] not in [verb.split()[0] for verb in VERBS]:
        say(f"usage: railyard.pyz {' | '.join(VERBS)}")
        return 2
    verb, *rest = arguments
    with interruption.noticed():
        try:
            run(verb, rest, environ)
        except RailyardError as error:
            # What `built` prints is taken for a digest.
            (complain if verb == "built" else say)(f"{verb} failed: {error.message}")
            _say_again(verb, environ, error.message)
            return 1
        except Interrupted as end:
            say(f"{verb} was interrupted. {end.message}".strip())
            _say_again(verb, environ, end.message)
            return 1
    return 0


def run(verb: str, rest: Sequence[str], environ: Mapping[str, str]) -> None:
    """Read the description of the environment, and do it. Raises RailyardError and Interrupted."""
    if verb == "built":
        _built(*rest)
        return
    given = required(environ, (BUCKET,) if verb in ("artifacts", "fits") else (BUCKET, PIPELINE, EXECUTION))
    clients = Clients(client)
    env, how = described.read(clients["s3"], given[BUCKET])
    needs.check(env, clients)
    if verb == "fits":
        return
    image = environ.get("RAILYARD_IMAGE") or None
    if verb == "artifacts":
        artifacts.write(env, clients, image, Path(rest[0] if rest else "."), say)
        return
    if verb == "migrate" and not image:
        raise RailyardError("RAILYARD_IMAGE is missing: the digest that the stage Build has pushed")
    signal.signal(signal.SIGALRM, lambda _number, _frame: os.kill(os.getpid(), signal.SIGTERM))
    signal.alarm(MINUTES * 60)
    stage, work = STAGES[verb]
    execution: Execution = {"pipeline": given[PIPELINE], "execution_id": given[EXECUTION], "stage": stage}
    work(Part(env, clients, execution, say, image, _said(environ, "RAILYARD_COMMIT"), told=promoted(environ), **how))


def _said(environ: Mapping[str, str], name: str) -> str | None:
    """A variable of the pipeline, for which a hyphen stands where nobody has said it."""
    return None if environ.get(name) in (None, "", "-") else environ[name]


def promoted(environ: Mapping[str, str]) -> dict[str, str]:
    """What a promotion says of its commit: author, subject, link, as far as they are known. Pure."""
    names = {name: _said(environ, f"RAILYARD_{name.upper()}") for name in ("author", "subject", "link")}
    return {name: text for name, text in names.items() if text}


def _built(repository: str = "", tag: str = "") -> None:
    if not repository or not tag:
        raise RailyardError("built REPOSITORY TAG: the name of a repository and a tag are missing")
    if digest := images.digest_of(client("ecr"), repository, tag):
        say(digest)


def required(environ: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Environment variables that must be there. Pure; raises RailyardError with those that are not."""
    if missing := [name for name in names if not environ.get(name)]:
        raise RailyardError(f"{', '.join(missing)}: missing in the environment; the pipeline's actions set it")
    return {name: environ[name] for name in names}


def client(service: str) -> Any:
    """A client of boto3. Raises RailyardError where Region or credentials are missing."""
    try:
        return boto3.client(service, config=Config(retries={"mode": "standard", "max_attempts": 8}, user_agent_extra=AGENT))
    except (BotoCoreError, ValueError) as error:
        raise RailyardError(f"no connection to {service}: {error}") from error


def say(line: str) -> None:
    """A line of progress, at once: what a killed process has said is in its log."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def complain(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def _say_again(verb: str, environ: Mapping[str, str], message: str) -> None:
    pipeline, execution_id = environ.get(PIPELINE), environ.get(EXECUTION)
    if verb in STAGES and pipeline and execution_id and "do=retry" not in message:
        say(f"To try the stage again: {retry({'pipeline': pipeline, 'execution_id': execution_id, 'stage': STAGES[verb][0]})}")
