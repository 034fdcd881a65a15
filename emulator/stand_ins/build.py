"""`docker build` and `docker buildx build`. https://docs.docker.com/reference/cli/docker/buildx/build/"""

from __future__ import annotations

import glob
import json
import os
import sys
import uuid
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from . import dockerfile, image, registry
from .dockerfile import BuildError, Stage
from .registry import RegistryError

# Options with a value, by the name under which it is kept.
VALUED = {
    **{
        f"--{name}": name for name in ("tag", "file", "target", "build-arg", "platform", "cache-from", "cache-to", "metadata-file", "label")
    },
    **{
        f"--{name}": name
        for name in ("provenance", "sbom", "secret", "output", "progress", "builder", "network", "iidfile", "attest", "ssh")
    },
    **{f"--{name}": name for name in ("build-context", "add-host", "annotation", "allow", "shm-size", "ulimit", "no-cache-filter")},
    "-t": "tag",
    "-f": "file",
    "-o": "output",
}
FLAGS = ("--push", "--load", "--pull", "--no-cache", "--quiet", "-q", "--rm", "--force-rm", "--debug", "-D")
ARCHITECTURES = {"linux/amd64": "amd64", "linux/x86_64": "amd64", "linux/arm64": "arm64", "linux/arm64/v8": "arm64"}
NO_CACHE_EXPORT = (
    "failed to build: Cache export is not supported for the docker driver.\n"
    "Switch to a different driver, or turn on the containerd image store, and try again.\n"
    "Learn more at https://docs.docker.com/go/build-cache-backends/"
)
NO_OUTPUT = (
    "WARNING: No output specified with docker-container driver. Build result will only remain in the build cache. "
    "To push result image into registry use --push or to load image into docker use --load"
)
# The machine's architecture, where somebody says it.
MACHINE = "EMULATED_ARCHITECTURE"


@dataclass
class Options:
    many: dict[str, list[str]] = field(default_factory=dict)
    flags: set[str] = field(default_factory=set)
    places: list[str] = field(default_factory=list)

    def one(self, name: str, default: str = "") -> str:
        return self.many.get(name, [default])[-1]

    def pairs(self, name: str) -> dict[str, str]:
        """Values `KEY=VALUE`; a key alone has its value in the environment."""
        pairs = (each.partition("=") for each in self.many.get(name, []))
        return {key: value if equals else os.environ.get(key, "") for key, equals, value in pairs}


def options(words: list[str]) -> Options:
    """Raises BuildError for an option that docker does not know."""
    found, rest = Options(), iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in FLAGS:
            found.flags |= {name} if value != "false" else set()
        elif name in VALUED:
            found.many.setdefault(VALUED[name], []).append(value if equals else next(rest, ""))
        elif word.startswith("-") and word != "-":
            raise BuildError(f"unknown flag: {name}\n\nUsage:  docker buildx build [OPTIONS] PATH | URL | -")
        else:
            found.places.append(word)
    if len(found.places) != 1:
        raise BuildError('"docker buildx build" requires exactly 1 argument.')
    return found


def run(words: list[str]) -> int:
    try:
        _run(options(words))
    except (BuildError, RegistryError) as error:
        print(f"ERROR: {error}", file=sys.stderr)
        return 1
    return 0


def _run(said: Options) -> None:
    folder = Path(said.places[0])
    if not folder.is_dir():
        raise BuildError(f'unable to prepare context: path "{said.places[0]}" not found')
    driver = image.state()["driver"]
    exports = [_fields(each) for each in said.many.get("cache-to", [])]
    if driver == "docker" and any(each.get("type") != "inline" for each in exports):
        raise BuildError(NO_CACHE_EXPORT)
    path = Path(said.one("file")) if said.one("file") else folder / "Dockerfile"
    _say(f"#1 [internal] load build definition from {path.name}")
    arguments = said.pairs("build-arg")
    stages = dockerfile.needed(dockerfile.read(path, said.one("file", "Dockerfile"), arguments), said.one("target"))
    architecture = _architecture(said, stages)
    _pull(stages)
    _check_secrets(said)
    names = list(image.context(folder, path))
    _check_copied(stages, names, folder)
    for number, stage in enumerate(stages, 2):
        for step, (instruction, text) in enumerate(stage.steps, 1):
            if instruction in ("RUN", "COPY", "ADD", "WORKDIR"):
                _say(f"#{number} [{stage.title} {step}/{len(stage.steps)}] {instruction} {text}"[:500])
    made = image.make(_config(said, stages, arguments, folder), image.layer(folder, iter(names)), architecture)
    _deliver(said, made, driver, architecture, exports)


def _config(said: Options, stages: list[Stage], arguments: dict[str, str], folder: Path) -> dict[str, Any]:
    used = {name: value for name, value in arguments.items() if name in dockerfile.declared(stages)}
    known = dockerfile.config(stages, used)
    environment = [str(each) for each in known["Env"]]  # type: ignore[attr-defined]
    labels = {**known["Labels"], **said.pairs("label"), image.SOURCE: "context"}  # type: ignore[dict-item]
    if (folder / "crash").exists() or any(each.startswith("EMULATED_CRASH=") for each in environment):
        labels[image.CRASH] = "true"
    steps = [[stage.title, stage.base, *stage.steps] for stage in stages]
    return {**known, "Labels": labels, "Steps": steps, "Arguments": used}


def _deliver(said: Options, made: image.Image, driver: str, architecture: str, exports: list[dict[str, str]]) -> None:
    """Push, load, and tell the digest."""
    tags = [_whole(tag) for tag in said.many.get("tag", [])]
    outputs = [_fields(each) for each in said.many.get("output", [])]
    pushes = "--push" in said.flags or any(
        each.get("type") in ("registry", "image") and each.get("push", "true") == "true" for each in outputs
    )
    loads = "--load" in said.flags or driver == "docker" or any(each.get("type") == "docker" for each in outputs)
    attests = driver != "docker" and pushes and said.one("provenance", "true") not in ("false", "0") and not loads
    result = image.attested(made, architecture) if attests else made
    _say(f"#20 exporting to image\n#20 writing image {result.digest} done")
    if loads:
        image.keep(made, tags)
    if pushes:
        for tag in tags:
            _say(f"#21 pushing manifest for {tag}@{result.digest}")
            _push(result, tag)
    if not (loads or pushes or outputs):
        _say(NO_OUTPUT)
    for each in exports:
        if each.get("type") == "registry":
            _push(image.cache(made), each.get("ref", ""))
    if said.one("metadata-file"):
        told = {
            "buildx.build.ref": f"default/default/{uuid.uuid4().hex[:25]}",
            "containerimage.digest": result.digest,
            "image.name": ",".join(tags),
        }
        Path(said.one("metadata-file")).write_text(json.dumps(told, indent=2))
    if said.one("iidfile"):
        Path(said.one("iidfile")).write_text(result.digest)
    if {"--quiet", "-q"} & said.flags:
        print(result.digest)


def _push(made: image.Image, reference: str) -> None:
    try:
        registry.push(made, reference)
    except RegistryError as error:
        raise BuildError(f"failed to build: failed to solve: failed to push {reference}: {error}") from None


def _whole(tag: str) -> str:
    return tag if ":" in tag.rpartition("/")[2] else f"{tag}:latest"


def _fields(text: str) -> dict[str, str]:
    """`type=registry,ref=…`; a reference alone is one of the type registry."""
    if "=" not in text:
        return {"type": "registry", "ref": text}
    return {key: value for key, _, value in (part.partition("=") for part in text.split(","))}


def _architecture(said: Options, stages: list[Stage]) -> str:
    """A machine runs only programs of its own architecture."""
    own = os.environ.get(MACHINE) or "amd64"
    platform = said.one("platform")
    if not platform:
        return own
    if platform not in ARCHITECTURES:
        raise BuildError(f'failed to solve: "{platform}": unknown operating system or architecture: invalid argument')
    wanted = ARCHITECTURES[platform]
    if wanted != own and any(instruction == "RUN" for stage in stages for instruction, _ in stage.steps):
        first = next(text for stage in stages for instruction, text in stage.steps if instruction == "RUN")
        raise BuildError(
            f'failed to build: failed to solve: process "/bin/sh -c {first}" did not complete successfully: exit code: 255\n'
            "exec /bin/sh: exec format error"
        )
    return wanted


def _pull(stages: list[Stage]) -> None:
    for base in dockerfile.bases(stages):
        _say(f"#2 [internal] load metadata for {base}")
        try:
            found = registry.find(base)
        except RegistryError as error:
            raise BuildError(f"failed to solve: {base}: failed to resolve source metadata for {base}: {error}") from None
        if found is None:
            raise BuildError(f"failed to solve: {base}: failed to resolve source metadata for {base}: {base}: not found")


def _check_secrets(said: Options) -> None:
    for each in said.many.get("secret", []):
        fields = _fields(each)
        path = fields.get("src") or fields.get("source") or ""
        if path and not Path(path).is_file():
            raise BuildError(f"failed to stat {path}: stat {path}: no such file or directory")
        if not fields.get("id"):
            raise BuildError("invalid secret: id missing")


def _check_copied(stages: list[Stage], names: list[str], folder: Path) -> None:
    there = set(names)
    for stage in stages:
        for source in dockerfile.copied(stage):
            wanted = source.removeprefix("./").strip("/")
            if wanted in ("", ".") or wanted in there or any(name.startswith(f"{wanted}/") for name in there):
                continue
            if glob.has_magic(wanted) or (folder / wanted).is_dir():
                continue
            words = f'failed to compute cache key: failed to calculate checksum of ref: "/{wanted}": not found'
            raise BuildError(f"failed to build: failed to solve: {words}")


def _say(text: str) -> None:
    print(text, file=sys.stderr)
