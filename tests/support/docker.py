"""A folder for PATH in which `docker` is the emulator's stand-in, as on a person's machine: signed in nowhere, and with a daemon."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys
import urllib.request
from pathlib import Path
from typing import Any

from emulator.stand_ins.docker import PRIVILEGED

from .emulated import REGION, Emulated
from .playbooks import ROOT

KEYS = ("AKIA123456789012AAAA", "x")


def install(folder: Path, emulated: Emulated, keys: tuple[str, str] = KEYS) -> Path:
    """The folder. `keys`: those with which the stand-in calls the emulated ECR, where a real one would come with the token."""
    home, bin_ = folder / "home", folder / "bin"
    home.mkdir(parents=True)
    bin_.mkdir()
    given = {
        "HOME": str(home),
        "PYTHONPATH": str(ROOT),
        PRIVILEGED: "1",
        "AWS_ENDPOINT_URL": emulated.state.url,
        "AWS_ACCESS_KEY_ID": keys[0],
        "AWS_SECRET_ACCESS_KEY": keys[1],
        "AWS_REGION": REGION,
    }
    said = " ".join(f"{name}={shlex.quote(value)}" for name, value in given.items())
    # What it was called with is in a file, as another user of the machine could see it.
    program = f'printf "%s\\n" "$*" >> {home}/seen\nexec env {said} {sys.executable} -m emulator.stand_ins.docker "$@"'
    (bin_ / "docker").write_text(f"#!/bin/sh\n{program}\n")
    (bin_ / "docker").chmod(0o755)
    return bin_


def seen(folder: Path) -> str:
    """The words of all calls, one a line."""
    path = folder / "home" / "seen"
    return path.read_text() if path.exists() else ""


def commit(folder: Path, **files: str) -> str:
    """A checkout with these files, committed; `__` in a name is a dot."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    if not (folder / ".git").exists():
        git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", "--all")
    git(folder, "-c", "user.name=Deborah", "-c", "user.email=deborah@example.com", "commit", "--quiet", "--message=change")
    return git(folder, "rev-parse", "HEAD")


def git(folder: Path, *words: str) -> str:
    return subprocess.run(["git", "-C", str(folder), *words], capture_output=True, text=True, check=True).stdout.strip()


def configuration(ecr: Any, repository: str, digest: str) -> dict[str, Any]:
    """The configuration of an image, as its registry keeps it."""
    (found,) = ecr.batch_get_image(repositoryName=repository, imageIds=[{"imageDigest": digest}])["images"]
    layer = json.loads(found["imageManifest"])["config"]["digest"]
    url = ecr.get_download_url_for_layer(repositoryName=repository, layerDigest=layer)["downloadUrl"]
    with urllib.request.urlopen(url) as answer:
        return dict(json.loads(answer.read()))
