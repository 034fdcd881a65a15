"""Images as this stand-in makes and keeps them: a layer of the context's files, a configuration, a manifest.

The same files and the same Dockerfile make the same digest. What was built is in `$HOME/.emulated-docker`.
"""

from __future__ import annotations

import fnmatch
import gzip
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
INDEX = "application/vnd.oci.image.index.v1+json"
OCI = "application/vnd.oci.image.manifest.v1+json"
CONFIG, LAYER = "application/vnd.docker.container.image.v1+json", "application/vnd.docker.image.rootfs.diff.tar.gzip"
# In the labels of a configuration: that the last layer is the files of the build's context, and that its containers end at once.
SOURCE, CRASH = "emulated.source", "emulated.crash"


def digest(data: bytes) -> str:
    return "sha256:" + hashlib.sha256(data).hexdigest()


@dataclass(frozen=True)
class Image:
    """`blobs` by digest: configuration and layers. `parts`: manifests that an index lists, by digest."""

    manifest: str
    blobs: Mapping[str, bytes]
    parts: Mapping[str, str]

    @property
    def digest(self) -> str:
        return digest(self.manifest.encode())

    @property
    def config(self) -> dict[str, Any]:
        known: dict[str, Any] = json.loads(self.manifest)
        return dict(json.loads(self.blobs[known["config"]["digest"]])) if "config" in known else {}


def context(folder: Path, dockerfile: Path) -> Iterator[str]:
    """Files of a context in order, without those of .dockerignore, and without .git, whose files tell one clone from another."""
    rules = _ignored(folder, dockerfile)
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = (Path(place) / name).relative_to(folder).as_posix()
            if not _left_out(path, rules):
                yield path


def _ignored(folder: Path, dockerfile: Path) -> list[str]:
    for path in (dockerfile.with_name(f"{dockerfile.name}.dockerignore"), folder / ".dockerignore"):
        if path.is_file():
            lines = (line.strip() for line in path.read_text().splitlines())
            return [line for line in lines if line and not line.startswith("#")]
    return []


def _left_out(path: str, rules: list[str]) -> bool:
    """The last rule that matches a path or a folder above it holds."""
    left_out = False
    parts = path.split("/")
    above = ["/".join(parts[:number]) for number in range(1, len(parts) + 1)]
    for rule in rules:
        pattern = rule.removeprefix("!").strip("/").removeprefix("**/")
        if any(
            fnmatch.fnmatchcase(each, pattern)
            or (rule.startswith(("**/", "!**/")) and fnmatch.fnmatchcase(each.rpartition("/")[2], pattern))
            for each in above
        ):
            left_out = not rule.startswith("!")
    return left_out


def layer(folder: Path, names: Iterator[str]) -> bytes:
    kept = io.BytesIO()
    with tarfile.open(fileobj=kept, mode="w", format=tarfile.PAX_FORMAT) as archive:
        for name in names:
            entry = archive.gettarinfo(str(folder / name), name)
            entry.mtime, entry.uid, entry.gid, entry.uname, entry.gname = 0, 0, 0, "", ""
            if entry.isreg():
                with (folder / name).open("rb") as file:
                    archive.addfile(entry, file)
            else:
                archive.addfile(entry)
    return gzip.compress(kept.getvalue(), mtime=0)


def make(config: dict[str, Any], data: bytes, architecture: str) -> Image:
    """An image of one layer."""
    raw = digest(gzip.decompress(data))
    text = {"architecture": architecture, "os": "linux", "config": config, "rootfs": {"type": "layers", "diff_ids": [raw]}}
    described = json.dumps(text, sort_keys=True).encode()
    return Image(_manifest(DOCKER, CONFIG, LAYER, described, data), {digest(described): described, digest(data): data}, {})


def _manifest(kind: str, config_kind: str, layer_kind: str, config: bytes, data: bytes) -> str:
    return json.dumps(
        {
            "schemaVersion": 2,
            "mediaType": kind,
            "config": {"mediaType": config_kind, "size": len(config), "digest": digest(config)},
            "layers": [{"mediaType": layer_kind, "size": len(data), "digest": digest(data)}],
        },
        sort_keys=True,
    )


def attested(image: Image, architecture: str) -> Image:
    """An index of an image and of what attests where it comes from, as buildx makes one unless it is told not to."""
    statement = json.dumps({"subject": image.digest, "predicateType": "https://slsa.dev/provenance/v0.2"}).encode()
    config = json.dumps({"architecture": "unknown", "os": "unknown"}).encode()
    second = _manifest(OCI, "application/vnd.oci.image.config.v1+json", "application/vnd.in-toto+json", config, statement)
    parts = {image.digest: image.manifest, digest(second.encode()): second}
    platforms = ({"architecture": architecture, "os": "linux"}, {"architecture": "unknown", "os": "unknown"})
    listed = [
        {"mediaType": json.loads(text)["mediaType"], "digest": name, "size": len(text), "platform": platform}
        for (name, text), platform in zip(parts.items(), platforms, strict=True)
    ]
    index = json.dumps({"schemaVersion": 2, "mediaType": INDEX, "manifests": listed}, sort_keys=True)
    return Image(index, {**image.blobs, digest(config): config, digest(statement): statement}, parts)


def cache(image: Image) -> Image:
    """What `--cache-to type=registry,image-manifest=true` leaves in a repository."""
    config = json.dumps({"layers": [image.digest], "records": []}).encode()
    data = next(reversed(list(image.blobs.values())))
    return Image(
        _manifest(OCI, "application/vnd.buildkit.cacheconfig.v0", LAYER, config, data), {digest(config): config, digest(data): data}, {}
    )


def _home() -> Path:
    folder = Path(os.environ["HOME"]) / ".emulated-docker"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def state() -> dict[str, Any]:
    """`references`: digests by names of images; `driver` of the builder in use."""
    path = _home() / "state.json"
    return dict(json.loads(path.read_text())) if path.is_file() else {"references": {}, "driver": "docker"}


def write(known: dict[str, Any]) -> None:
    (_home() / "state.json").write_text(json.dumps(known))


def keep(image: Image, references: list[str]) -> None:
    folder = _home() / image.digest.partition(":")[2]
    folder.mkdir(exist_ok=True)
    (folder / "manifest").write_text(image.manifest)
    for name, data in image.blobs.items():
        (folder / name).write_bytes(data)
    known = state()
    known["references"] |= dict.fromkeys([*references, image.digest], image.digest)
    write(known)


def find(reference: str) -> Image | None:
    """An image that was built or pulled here."""
    name = state()["references"].get(reference) or state()["references"].get(f"{reference}:latest")
    if name is None:
        return None
    folder = _home() / name.partition(":")[2]
    blobs = {path.name: path.read_bytes() for path in folder.iterdir() if path.name.startswith("sha256:")}
    return Image((folder / "manifest").read_text(), blobs, {})


def record(words: list[str]) -> None:
    """What it was told."""
    with (_home() / "calls.jsonl").open("a") as file:
        file.write(json.dumps(words) + "\n")
