"""`docker` where there is none: it signs in, reads Dockerfiles, makes images of a context's files, and pushes them to ECR through its API.

Nothing of a Dockerfile is run. It writes down what it was told (image.record). Without a daemon, as in a build that is not privileged, it
says so.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from . import build, image, registry
from .registry import RegistryError

PRIVILEGED = "EMULATED_PRIVILEGED"
NO_DAEMON = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?"
WARNING = "\nWARNING! Your credentials are stored unencrypted in '{path}'."
FIELD = re.compile(r"\{\{\s*(?:(?P<how>json|index)\s+)?\.(?P<path>[\w.]*)\s*(?P<index>\d+)?\s*\}\}")


def main(words: list[str]) -> int:
    image.record(words)
    if words[:1] in (["--version"], ["-v"]):
        print("Docker version 28.0.0, build emulated")
        return 0
    if os.environ.get(PRIVILEGED) != "1":
        return _fail(f"ERROR: {NO_DAEMON}" if words[:1] in (["build"], ["buildx"]) else NO_DAEMON)
    command = next((name for name in (" ".join(words[:2]), " ".join(words[:1])) if name in COMMANDS), None)
    if command is None:
        return _fail(f"docker: '{' '.join(words[:2])}' is not a docker command that this stand-in knows.\nSee 'docker --help'", 125)
    try:
        return COMMANDS[command](words[len(command.split()) :])
    except RegistryError as error:
        return _fail(str(error))


def _fail(words: str, code: int = 1) -> int:
    print(words, file=sys.stderr)
    return code


def _login(words: list[str]) -> int:
    user, host, password, rest = "", "https://index.docker.io/v1/", "", iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in ("-u", "--username"):
            user = value if equals else next(rest, "")
        elif name in ("-p", "--password"):
            password = value if equals else next(rest, "")
        elif name == "--password-stdin":
            password = sys.stdin.read().strip()
        else:
            host = word.removeprefix("https://").rstrip("/")
    if not user:
        return _fail("Must provide --username with --password-stdin")
    if not password:
        return _fail("password is empty")
    registry.login(host.partition("/")[0] if host.count("/") and "index.docker.io" not in host else host, user, password)
    print(WARNING.format(path=f"{os.environ['HOME']}/.docker/config.json"), file=sys.stderr)
    print("Login Succeeded")
    return 0


def _logout(words: list[str]) -> int:
    host = words[0] if words else "https://index.docker.io/v1/"
    registry.logout(host)
    print(f"Removing login credentials for {host}")
    return 0


def _push(words: list[str]) -> int:
    reference = next((word for word in words if not word.startswith("-")), "")
    host, name, version = registry.parts(reference)
    place = "/".join(part for part in (host or "docker.io", name) if part)
    print(f"The push refers to repository [{place}]")
    found = image.find(reference)
    if found is None:
        known = any(each.startswith(f"{place}:") for each in image.state()["references"])
        return _fail(f"tag does not exist: {reference}" if known else f"An image does not exist locally with the tag: {place}")
    registry.push(found, reference)
    print(f"{version}: digest: {found.digest} size: {len(found.manifest)}")
    return 0


def _pull(words: list[str]) -> int:
    reference = next((word for word in words if not word.startswith("-")), "")
    found = registry.find(reference)
    if found is None:
        return _fail(f"Error response from daemon: manifest for {reference} not found: manifest unknown: Requested image not found")
    print(f"{registry.parts(reference)[2]}: Pulling from {registry.parts(reference)[1]}\nStatus: Downloaded newer image for {reference}")
    return 0


def _tag(words: list[str]) -> int:
    found = image.find(words[0]) if len(words) == 2 else None
    if found is None:
        return _fail(f"Error response from daemon: No such image: {words[0] if words else ''}")
    image.keep(found, [build._whole(words[1])])
    return 0


def _shown(reference: str) -> dict[str, Any] | None:
    found = image.find(reference)
    if found is None:
        return None
    names = [name for name, known in image.state()["references"].items() if known == found.digest and not name.startswith("sha256:")]
    repositories = dict.fromkeys(name.rpartition(":")[0] for name in names)
    config = found.config
    return {
        "Id": json.loads(found.manifest).get("config", {}).get("digest", found.digest),
        "RepoTags": names,
        "RepoDigests": [f"{name}@{found.digest}" for name in repositories],
        "Architecture": config.get("architecture", ""),
        "Os": "linux",
        "Config": config.get("config", {}),
        "Size": sum(len(data) for data in found.blobs.values()),
    }


def _inspect(words: list[str]) -> int:
    formatted, names, rest = "", list[str](), iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        if name in ("-f", "--format"):
            formatted = value if equals else next(rest, "")
        elif name == "--type":
            value or next(rest, "")
        elif not word.startswith("-"):
            names.append(word)
    shown = [_shown(name) for name in names]
    if None in shown:
        print("[]" if not formatted else "")
        return _fail(f"Error: No such object: {names[shown.index(None)]}")
    if formatted:
        print(*(_formatted(formatted, each) for each in shown), sep="\n")
    else:
        print(json.dumps(shown, indent=4))
    return 0


def _formatted(template: str, shown: Any) -> str:
    """Fields, `json` and `index` of Go's templates."""

    def value(found: re.Match[str]) -> str:
        at = shown
        for part in [part for part in found["path"].split(".") if part]:
            at = at.get(part, "<no value>") if isinstance(at, dict) else "<no value>"
        if found["how"] == "index":
            at = at[int(found["index"] or 0)] if isinstance(at, list) and len(at) > int(found["index"] or 0) else ""
        return json.dumps(at) if found["how"] == "json" else str(at)

    return FIELD.sub(value, template)


def _imagetools(words: list[str]) -> int:
    """`buildx imagetools inspect`: what is in the registry."""
    names = [word for word in words if not word.startswith("-")]
    found = registry.find(names[-1]) if words[:1] == ["inspect"] and len(names) > 1 else None
    if found is None:
        return _fail(f"ERROR: {names[-1] if names else ''}: not found")
    if "--raw" in words:
        print(found[0])
        return 0
    reference = next((names[-1] for _ in (1,)), "")
    template = next((words[index + 1] for index, word in enumerate(words[:-1]) if word == "--format"), "")
    kind = json.loads(found[0])["mediaType"] if found[0] else image.OCI
    if template:
        print(_formatted(template, {"Manifest": {"Digest": found[1], "MediaType": kind}, "Name": reference}))
    else:
        print(f"Name:      {reference}\nMediaType: {kind}\nDigest:    {found[1]}")
    return 0


def _create(words: list[str]) -> int:
    """A builder, of the driver docker-container unless told otherwise."""
    driver, name, rest = "docker-container", "emulated", iter(words)
    for word in rest:
        option, equals, value = word.partition("=")
        if option == "--driver":
            driver = value if equals else next(rest, "")
        elif option == "--name":
            name = value if equals else next(rest, "")
        elif option in ("--driver-opt", "--platform", "--config", "--buildkitd-flags", "--buildkitd-config", "--node") and not equals:
            next(rest, "")
    known = image.state()
    known.setdefault("builders", {})[name] = driver
    if "--use" in words:
        known["driver"] = driver
    image.write(known)
    print(name)
    return 0


def _use(words: list[str]) -> int:
    known, name = image.state(), next((word for word in words if not word.startswith("-")), "")
    if name != "default" and name not in known.get("builders", {}):
        return _fail(f'ERROR: failed to find instance "{name}": no builder "{name}" found')
    known["driver"] = known.get("builders", {}).get(name, "docker")
    image.write(known)
    return 0


def _info(words: list[str]) -> int:
    if any(word.startswith(("-f", "--format")) for word in words):
        print("28.0.0")
    else:
        print("Client: Docker Engine - Community\n Context: default\n\nServer:\n Server Version: 28.0.0\n Storage Driver: overlay2")
    return 0


def _images(words: list[str]) -> int:
    names = [name for name in image.state()["references"] if not name.startswith("sha256:")]
    for name in names:
        print(image.state()["references"][name] if "-q" in words else name)
    return 0


def _nothing(_: list[str]) -> int:
    return 0


COMMANDS: dict[str, Callable[[list[str]], int]] = {
    "login": _login,
    "logout": _logout,
    "build": build.run,
    "image build": build.run,
    "buildx build": build.run,
    "buildx create": _create,
    "buildx use": _use,
    "buildx inspect": _nothing,
    "buildx ls": _nothing,
    "buildx rm": _nothing,
    "buildx version": lambda _: print("github.com/docker/buildx v0.20.0 emulated") or 0,
    "buildx imagetools": _imagetools,
    "push": _push,
    "image push": _push,
    "pull": _pull,
    "image pull": _pull,
    "tag": _tag,
    "image tag": _tag,
    "inspect": _inspect,
    "image inspect": _inspect,
    "images": _images,
    "image ls": _images,
    "info": _info,
    "version": _info,
    "system info": _info,
    "system prune": _nothing,
    "image prune": _nothing,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
