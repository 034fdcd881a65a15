# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The fork of the server that runs a module: it takes on the attributes of a process that `local` starts, runs the module, and exits."""

from __future__ import annotations

import atexit
import ctypes
import gc
import os
import resource
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from typing import Any, NoReturn

from . import loaded_modules
from .archive import Archive, Source
from .loaded_modules import LoadedModules
from .server_socket import SHELL

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


def run(
    server: int,
    archive: Archive,
    loaded: LoadedModules,
    header: dict[str, Any],
    sources: dict[str, Source],
    descriptors: list[int],
    ask: Callable[[], None] | None,
) -> NoReturn:
    """Run the module and end this process. Called right after the fork. `ask` makes botocore take answers that were read ahead."""
    status = 1
    try:
        _leave_server(server)
        _take_descriptors(descriptors)
        _take_environment(header["environment"])
        os.umask(header["umask"])
        _limit_files(header["rlimit_nofile"])
        loaded_modules.forget_others(loaded, sources)
        archive.sources = sources
        if ask:
            ask()
        status = _end_of(lambda: _run_module(header))
    finally:
        os._exit(status)


def _leave_server(server: int) -> None:
    """Form a process group, have the kernel kill this process when the server ends, and reset the signals to those of a new Python."""
    os.setpgid(0, 0)
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != server:
        os._exit(1)
    signal.set_wakeup_fd(-1)
    gc.enable()


def _take_descriptors(descriptors: list[int]) -> None:
    """Connect standard output and error to the connection plugin and standard input to an empty file, and close everything else."""
    out, error, folder = descriptors
    os.fchdir(folder)
    empty, closed = os.pipe()
    os.close(closed)
    for descriptor, number in ((empty, 0), (out, 1), (error, 2)):
        os.dup2(descriptor, number)
    os.closerange(3, 1 << 16)


def _take_environment(environment: dict[str, str]) -> None:
    """Set the environment of the run, with the variables that the shell in front of a module adds."""
    shell = {name: os.environ[name] for name in SHELL if name in os.environ}
    os.environ.clear()
    os.environ.update({**environment, **shell})
    if "PWD" in shell:
        os.environ["PWD"] = _folder(environment.get("PWD", ""))


def _folder(named: str) -> str:
    """PWD as a POSIX shell sets it: the name it was given, as long as it means the current folder."""
    try:
        if named.startswith("/") and not {".", ".."} & set(named.split("/")) and os.path.samefile(named, "."):
            return named
        return os.getcwd()
    except OSError:
        return named


def _limit_files(wanted: int) -> None:
    """Set the soft limit of open files, at most the hard one, as the wrapper does."""
    if wanted:
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        limit = min(hard, wanted)
        if limit != soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))


def _run_module(header: dict[str, Any]) -> None:
    try:
        os.getcwd()
    except OSError:
        os.chdir(os.path.expanduser("~"))
    name = header["name"]
    zipped = os.path.join(tempfile.gettempdir(), f"ansible_{name}_payload", f"ansible_{name}_payload.zip")
    sys.argv = [""]
    sys.orig_argv = [sys.executable]
    sys.path.insert(0, zipped)
    from ansible.module_utils._internal._ansiballz import _loader

    _loader.run_module(
        json_params=header["params"].encode(), profile=header["profile"], module_fqn=header["fqn"], modlib_path=zipped, extensions={}
    )


def _end_of(main: Any) -> int:
    """Exit status of a Python whose script is `main`, after what Python does at its end."""
    status, interrupted = 0, False
    try:
        main()
    except SystemExit as end:
        status = _status(end.code)
    except BaseException as error:
        status = 1
        sys.excepthook(type(error), error, error.__traceback__)
        interrupted = isinstance(error, KeyboardInterrupt)
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except (OSError, ValueError):
            status = 120
    if interrupted:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGINT)
    return status


def _status(code: object) -> int:
    if code is None:
        return 0
    if isinstance(code, int):
        return code & 0xFF
    try:
        print(code, file=sys.stderr)
    except (OSError, ValueError):
        traceback.print_exc()
    return 1
