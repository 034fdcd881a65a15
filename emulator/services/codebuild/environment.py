"""What the shells of a build have in their environment, and what stands at the head of their PATH.

https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-env-vars.html
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from ... import world
from ...executors import keeper
from ..iam.sessions import Keys
from .build import Record
from .folders import Folders

CHECKOUT = Path(__file__).resolve().parents[3]
# Those of the machine's variables that builds have.
KEPT = ("LANG", "TZ")
# Set to "1" where docker has a daemon.
PRIVILEGED = "EMULATED_PRIVILEGED"
# What docker takes the machine's processor for.
ARCHITECTURE = "EMULATED_ARCHITECTURE"
STAND_INS = ("aws", "docker")
# The file that is there while a build is paused, and the variable that says its path in builds that may be.
PAUSE, PAUSES = "paused", "EMULATED_PAUSE"
# https://docs.aws.amazon.com/codebuild/latest/userguide/session-manager.html
BREAKPOINT = f'[ -n "${PAUSES}" ] || exit 0\ntouch "${PAUSES}"\nwhile [ -e "${PAUSES}" ]; do sleep 0.1; done'
RESUME = f'rm -f "${PAUSES}"'


def of(build: Record, keys: Keys, folders: Folders) -> dict[str, str]:
    """All but the variables that somebody has said. Docker has a daemon where a build is privileged (CB-4)."""
    call, request = build.call, build.request
    _, stream = build.where
    given = {
        "AWS_DEFAULT_REGION": call.region,
        "AWS_REGION": call.region,
        "AWS_ENDPOINT_URL": world.url,
        "AWS_EXECUTION_ENV": "AWS_ECS_EC2",
        "AWS_EC2_METADATA_DISABLED": "true",
        "CI": "true",
        "CODEBUILD_BUILD_ARN": build.arn,
        "CODEBUILD_BUILD_ID": build.id,
        "CODEBUILD_BUILD_IMAGE": str(request.shown.get("environment", {}).get("image", "")),
        "CODEBUILD_BUILD_NUMBER": str(build.number),
        "CODEBUILD_BUILD_SUCCEEDING": "1",
        "CODEBUILD_CI": "true",
        "CODEBUILD_INITIATOR": request.initiator,
        "CODEBUILD_KMS_KEY_ID": str(request.shown.get("encryptionKey", "")),
        "CODEBUILD_LOG_PATH": stream,
        "CODEBUILD_PROJECT_UUID": build.uuid,
        "CODEBUILD_RESOLVED_SOURCE_VERSION": build.resolved,
        "CODEBUILD_SOURCE_REPO_URL": str(request.shown.get("source", {}).get("location", "")),
        "CODEBUILD_SOURCE_VERSION": str(request.shown.get("sourceVersion", "")),
        "CODEBUILD_SRC_DIR": str(folders.source),
        "CODEBUILD_START_TIME": str(int(world.clock.now() * 1000)),
        "HOME": str(folders.home),
        "PATH": f"{_stand_ins()}:{os.environ.get('PATH', os.defpath)}",
        "TMPDIR": str(folders.root / "tmp"),
        PAUSES: str(folders.root / PAUSE) if build.debug else "",
        PRIVILEGED: "1" if request.privileged else "",
        ARCHITECTURE: "arm64" if str(request.shown.get("environment", {}).get("type", "")).startswith("ARM") else "amd64",
    }
    return {**{name: os.environ[name] for name in KEPT if name in os.environ}, **given, **keys.environment()}


def _stand_ins() -> Path:
    """A folder of programs: Python as the images of CodeBuild have it, with boto3, and what stands for aws and docker."""
    folder = keeper.folder() / "bin"
    if not folder.exists():
        folder.mkdir()
        path = f'PYTHONPATH="{CHECKOUT}" exec "{sys.executable}" -m emulator.stand_ins'
        programs = {name: f'{path}.{name} "$@"' for name in STAND_INS}
        programs |= dict.fromkeys(("python3", "python"), f'exec "{sys.executable}" "$@"')
        programs |= {"codebuild-breakpoint": BREAKPOINT, "codebuild-resume": RESUME}
        for name, line in programs.items():
            (folder / name).write_text(f"#!/bin/sh\n{line}\n")
            (folder / name).chmod(0o755)
    return folder
