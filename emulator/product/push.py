"""`python -m emulator push`: a made-up image, pushed as `docker push` does, and how its containers behave.

What is said of an image holds by its digest, so that a copy in another repository or account behaves as it does.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from .. import images, process
from ..process import EmulatorError, State

CRASH = {
    "lines": ["bin/rails aborted!", "LoadError: cannot load such file -- bootsnap/setup"],
    "seconds": 2.0,
    "exit_code": 1,
    "healthy": False,
}
DESTRUCTIVE = "destructive"


def migration(word: str) -> dict[str, Any]:
    """A migration as it is said on the command line: VERSION:NAME, or VERSION:NAME:destructive for one that drops a column."""
    found = re.fullmatch(rf"(\d{{14}}):([A-Z][A-Za-z0-9]*)(:{DESTRUCTIVE})?", word)
    if not found:
        raise ValueError(f"{word} is not VERSION:NAME or VERSION:NAME:{DESTRUCTIVE}, 20260131120000:AddTotalToOrders for example")
    return {"version": found[1], "name": found[2], "destructive": ["remove_column"] if found[3] else []}


def program(folder: Path) -> dict[str, Any]:
    """What containers of a Rails application run, as the Dockerfile of examples/shop has it."""
    if not (folder / "config.ru").is_file():
        raise EmulatorError(f"{folder} is no Rails application: it has no config.ru")
    environment = {"RAILS_ENV": "production", "RAILS_LOG_TO_STDOUT": "1"}
    return {"folder": str(folder.resolve()), "command": ["bin/rails", "server", "--binding", "127.0.0.1"], "environment": environment}


def push(
    state: State,
    repository: str,
    account: str,
    region: str,
    tag: str,
    migrations: list[dict[str, Any]],
    crash: bool,
    folder: Path | None = None,
    image: str = "",
) -> str:
    """Push the image; its URI by digest. The same tag again is the same image. `folder`: the application that it runs; `image`: that of
    podman or docker that it is.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    session = boto3.session.Session(aws_access_key_id=f"AKIA{account}AAAA", aws_secret_access_key="x", region_name=region)
    ecr = session.client("ecr", endpoint_url=state.url)
    try:
        uri = ecr.describe_repositories(repositoryNames=[repository])["repositories"][0]["repositoryUri"]
        for digest, data in images.layers(repository, tag).items():
            _upload(ecr, repository, digest, data)
        ecr.put_image(repositoryName=repository, imageManifest=images.manifest(repository, tag), imageTag=tag)
    except ecr.exceptions.RepositoryNotFoundException:
        raise EmulatorError(f"account {account} has no repository {repository} in {region}; site.yml makes it") from None
    except ecr.exceptions.ImageAlreadyExistsException:
        pass
    except (BotoCoreError, ClientError) as error:
        raise EmulatorError(str(error)) from None
    digest = images.digest(repository, tag)
    runs = {"image": image} if image else program(folder) if folder else None
    if runs:
        process.control(state, "programs", **{f"*@{digest}": runs})
    elif crash:
        process.control(state, "scripts", image=f"*@{digest}", **CRASH)
    if not runs and (migrations or not crash):
        process.control(state, "scripts", image=f"*@{digest}", migrations=migrations)
    return f"{uri}@{digest}"


def _upload(ecr: Any, repository: str, digest: str, data: bytes) -> None:
    found = ecr.batch_check_layer_availability(repositoryName=repository, layerDigests=[digest])["layers"]
    if found[0]["layerAvailability"] == "AVAILABLE":
        return
    upload = {"repositoryName": repository, "uploadId": ecr.initiate_layer_upload(repositoryName=repository)["uploadId"]}
    ecr.upload_layer_part(**upload, partFirstByte=0, partLastByte=len(data) - 1, layerPartBlob=data)
    ecr.complete_layer_upload(**upload, layerDigests=[digest])
