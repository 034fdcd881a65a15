"""Builds, from SUBMITTED to COMPLETED. Their commands are run by shells of this machine, in a session of the build's role.

    build = builds.start(call, Request(role=…, buildspec={…}, …))

It goes on in AWS's time, and is looked at as often as somebody asks this AWS something. `build.then(f)` calls `f(build)` at its end.
https://docs.aws.amazon.com/codebuild/latest/userguide/view-build-details.html#view-build-details-phases
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from ... import journal, world, zips
from ...wire import Call
from ..iam import authority, sessions
from ..iam.sessions import Keys
from . import artifacts, buildspec, environment, folders, images, script, variables
from .build import FAILED, FAULT, STOPPED, SUCCEEDED, TIMED_OUT, Record, Request, Source, SourceError
from .buildspec import Buildspec, Phase
from .commands import Commands, Failure, Place
from .folders import Folders
from .logs import Log

__all__ = ["Build", "Request", "prepare", "start"]

# AWS's seconds in phases in which this machine does nothing: orders of magnitude.
QUEUED, PROVISIONING, DOWNLOADING, FINALIZING = 1.0, 8.0, 1.0, 1.0
COMMANDS = ("INSTALL", "PRE_BUILD", "BUILD", "POST_BUILD")
# Phases after whose failure the next one is begun, unless they say something else.
GOES_ON = ("BUILD", "POST_BUILD")
NOT_ASSUMED = (
    "CodeBuild is not authorized to perform: sts:AssumeRole on service role. Please verify that: 1) The provided service role exists, "
    "2) The service role name is case-sensitive and matches exactly, and 3) The service role has the correct trust policy configured"
)


@dataclass
class Build(Record):
    _folders: Folders | None = None
    _log: Log | None = None
    _keys: Keys | None = None
    _spec: Buildspec = field(default_factory=Buildspec)
    _given: dict[str, str] = field(default_factory=dict)
    _secret: set[str] = field(default_factory=set)
    _commands: Commands | None = None
    _at_end: list[Callable[[Build], None]] = field(default_factory=list)

    def then(self, act: Callable[[Build], None]) -> None:
        """Call this at the end, or now when it has ended."""
        if self.over:
            act(self)
        else:
            self._at_end.append(act)

    def stop(self) -> None:
        """Stop it at once, with everything that it runs."""
        self._cut(STOPPED)

    def begin(self) -> None:
        self.began = world.clock.utc()
        self.enter("SUBMITTED")
        self.leave()
        self.enter("QUEUED")
        world.clock.after(QUEUED, self._provision)
        world.clock.after(self.request.queued_minutes * 60, partial(self._late, "QUEUED"))

    def _late(self, only: str = "") -> None:
        if self.over or only not in ("", self.phase):
            return
        if self.paused:
            # A person's minutes are real ones.
            world.clock.after_lived(self.request.minutes * 60, self._late)
        else:
            self._cut(TIMED_OUT, "BUILD_TIMED_OUT", "Build has timed out. ")

    @property
    def paused(self) -> bool:
        """Whether it waits for a person."""
        return self._folders is not None and (self._folders.root / environment.PAUSE).exists()

    def place(self) -> tuple[dict[str, str], str] | None:
        """Environment and folder of a program that runs in it; None before it has begun, and when it is over."""
        return (dict(self._given), str(self.folders.source)) if self._given and not self.over else None

    def _cut(self, status: str, code: str = "", message: str = "") -> None:
        if self.over:
            return
        if self._commands is not None:
            self._commands.kill()
        self.leave(status, code, message)
        self._complete(status)

    def _provision(self) -> None:
        if self.over:
            return
        request, call = self.request, self.call
        self.leave()
        self.enter("PROVISIONING")
        # Its commands are programs of this machine, which have real seconds, whatever the speed.
        world.clock.after_lived(request.minutes * 60, self._late)
        source = call.arn("codebuild", f"project/{request.project}") if request.project else ""
        if request.assumes and not authority.assumable(call, request.role, request.assumes, source):
            self._broken("CLIENT_ERROR", NOT_ASSUMED)
            return
        name = f"AWSCodeBuild-{self.uuid}"
        who = authority.session(call, request.role, name)
        if unpulled := images.unpulled(who, request.shown.get("environment", {})):
            self._broken(images.CODE, unpulled)
            return
        self.stream = "/".join(part for part in (request.prefix, self.uuid) if part) if request.group else ""
        self._log = Log(who, request.role, self.arn, request.group, self.stream)
        if denied := self._log.begin():
            self.stream = ""
            self._broken("ACCESS_DENIED", denied)
            return
        self._keys = sessions.begin(call, request.role, name, self._heard)
        world.clock.after(PROVISIONING, self._download)

    def _broken(self, code: str, message: str) -> None:
        """It ends before it has begun to work."""
        self.leave(FAILED, code, message)
        self._complete(FAILED)

    def _heard(self, call: Call) -> None:
        """A request of something that this build runs."""
        if self._commands is not None:
            read = journal.fingerprint(call.params, call.account, call.region) if journal.READ.match(call.operation) else ""
            self._commands.heard(f"{call.service}:{call.operation}:{read}" if read else "")

    @property
    def log(self) -> Log:
        assert self._log is not None
        return self._log

    @property
    def folders(self) -> Folders:
        assert self._folders is not None
        return self._folders

    def _download(self) -> None:
        if self.over:
            return
        self.leave()
        self.enter("DOWNLOAD_SOURCE")
        self._folders = Folders.make(self.uuid)
        self.log.said("Running on CodeBuild On-demand", "Waiting for agent ping", "Waiting for DOWNLOAD_SOURCE", "Phase is DOWNLOAD_SOURCE")
        try:
            self._prepare()
        except (SourceError, variables.Unresolved) as error:
            self._undone(error.code, error.message)
        except buildspec.Invalid as error:
            self._undone("YAML_FILE_ERROR", str(error))
        except (zipfile.BadZipFile, OSError) as error:
            self._undone("CLIENT_ERROR", f"the source cannot be unpacked: {error}")
        else:
            world.clock.after(DOWNLOADING, self._downloaded)

    def _downloaded(self) -> None:
        if not self.over:
            self._leave()
            self._next(0)

    def _undone(self, code: str, message: str) -> None:
        """A phase without commands has failed: what is left is the end."""
        self._leave(Failure(code, message))
        self._finalize()

    def _prepare(self) -> None:
        """Source, specification and variables."""
        request, root = self.request, self.folders
        source = request.fetch(self.log.who) if request.fetch else Source(request.inputs, request.version)
        self.resolved = source.version or self.resolved
        places = {"CODEBUILD_SRC_DIR": root.source}
        for number, (name, data) in enumerate(source.inputs.items()):
            place = root.source if number == 0 else root.further(number)
            zips.unpack(data, place)
            if number:
                places[f"CODEBUILD_SRC_DIR_{name}"] = place
        self.log.said(*(f"{name}={place}" for name, place in places.items()))
        self._spec = self._read()
        self.log.said("Processing environment variables")
        found = variables.resolve(self.log.who, self._spec, request.variables)
        self._secret = found.secret
        self.log.secrets += [found.values[name] for name in sorted(found.secret) if found.values[name]]
        assert self._keys is not None
        own = environment.of(self, self._keys, root)
        if self.debug:
            self.debug["sessionTarget"] = f"codebuild:{self.uuid}"
        self._given = {**own, **found.values, **{name: str(place) for name, place in places.items()}}
        self.log.said(f"Moving to directory {root.source}")

    def _read(self) -> Buildspec:
        said = self.request.buildspec
        if said is None:
            path = self.folders.source / self.request.at
            self.log.said(f"YAML location is {path}")
            if not path.is_file():
                raise buildspec.Invalid(f"stat {path}: no such file or directory")
            said = path.read_text(errors="replace")
        return buildspec.parse(said) if isinstance(said, str) else buildspec.read(said)

    def _next(self, number: int) -> None:
        """Begin the phase of this number, or the upload after the last."""
        if self.over:
            return
        if number == len(COMMANDS):
            self._upload()
            return
        self.enter(COMMANDS[number])
        self.log.said(f"Entering phase {COMMANDS[number]}")
        place = Place(self._spec.shell, self.folders, self._given, self.log)
        said = self._spec.phases.get(COMMANDS[number].lower(), Phase())
        self._commands = Commands(said, place, not self._any_failed(), partial(self._ran, number, said.on_failure))
        self._commands.begin()

    def _ran(self, number: int, on_failure: str, failure: Failure | None) -> None:
        self._commands = None
        self._leave(failure)
        if failure is not None and failure.fault:
            self._complete(FAULT)
        elif failure is None or on_failure == "CONTINUE" or (COMMANDS[number] in GOES_ON and not on_failure):
            self._next(number + 1)
        else:
            self._finalize()

    def _any_failed(self) -> bool:
        return any(phase.get("phaseStatus", SUCCEEDED) != SUCCEEDED for phase in self.phases)

    def _leave(self, failure: Failure | None = None) -> None:
        """End the phase."""
        code, message = (failure.code, failure.message) if failure else ("", "")
        status = SUCCEEDED if failure is None else FAULT if failure.fault else FAILED
        self.leave(status, code, message)
        self.log.said(f"Phase complete: {self.phase} State: {status}", f"Phase context status code: {code} Message: {message}")

    def _upload(self) -> None:
        self.exported = {
            name: value
            for name, value in script.exported(self.folders.scripts, self._given, self._spec.exported).items()
            if name not in self._secret and not name.startswith("AWS_")
        }
        self.enter("UPLOAD_ARTIFACTS")
        try:
            found = artifacts.collect(self._spec, self.request.outputs, self.folders.source, self.log)
            self.outputs = {name: zips.pack(each) for name, each in found.items()}
            if self.upload is not None:
                self.upload(self.log.who, found)
        except folders.Unmatched as error:
            self.log.said(*error.log)
            self._undone("CLIENT_ERROR", error.message)
        except SourceError as error:
            self._undone(error.code, error.message)
        except OSError as error:
            self._undone("CLIENT_ERROR", str(error))
        else:
            self._leave()
            self._finalize()

    def _finalize(self) -> None:
        self.enter("FINALIZING")
        world.clock.after(FINALIZING, self._finalized)

    def _finalized(self) -> None:
        if not self.over:
            failed = self._any_failed()
            self.leave()
            self._complete(FAILED if failed else SUCCEEDED)

    def _complete(self, status: str) -> None:
        self.enter("COMPLETED")
        self.status, self.ended = status, world.clock.utc()
        if self._keys is not None:
            sessions.end(self._keys)
        if self._folders is not None:
            self._folders.remove()
        for act in self._at_end:
            act(self)


def prepare(call: Call, request: Request, number: int = 1) -> Build:
    """A build that has not begun."""
    return Build(call, request, number)


def start(call: Call, request: Request) -> Build:
    """Start a build that is no project's, and not among the account's."""
    build = prepare(call, request)
    build.begin()
    return build
