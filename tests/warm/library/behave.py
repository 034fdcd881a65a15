#!/usr/bin/python
"""A module that does what modules do, and what they should not. `act` is the name of a function below."""

from __future__ import annotations

import atexit
import gc
import locale
import logging
import os
import resource
import signal
import subprocess
import sys
import threading
import time
import warnings

from ansible.module_utils.basic import AnsibleModule


def state(module: AnsibleModule) -> None:
    """What a process can know about itself."""
    with open("/proc/self/status") as file:
        lines = dict(line.split(":\t", 1) for line in file.read().splitlines() if ":\t" in line)
    # 32 and 33 are the C library's own.
    mask = ~(1 << 31 | 1 << 32)
    found: dict[str, object] = {name: int(lines[name], 16) & mask for name in ("SigBlk", "SigIgn", "SigCgt")}
    found |= {name: lines[name] for name in ("Umask", "Groups", "NoNewPrivs")}
    opened = {}
    for number in os.listdir("/proc/self/fd"):
        try:
            opened[number] = os.readlink(f"/proc/self/fd/{number}").split(":")[0]
        except OSError:
            continue
    streams = (sys.stdin, sys.stdout, sys.stderr)
    found |= {
        "environment": dict(sorted(os.environ.items())),
        "folder": os.getcwd(),
        "descriptors": opened,
        "streams": [[s.encoding, s.errors, s.line_buffering, s.isatty()] for s in streams],
        "input": sys.stdin.read(),
        "locale": [locale.setlocale(locale.LC_ALL, None), sys.getfilesystemencoding()],
        "zone": [time.tzname, time.timezone],
        "arguments": [sys.orig_argv, len(sys.argv)],
        "flags": repr(sys.flags),
        "path": sys.path[1:],
        "threads": [threading.active_count(), threading.current_thread() is threading.main_thread()],
        "collector": [gc.isenabled(), gc.get_threshold()],
        "warnings": [str(rule) for rule in warnings.filters],
        "limits": [resource.getrlimit(limit) for limit in (resource.RLIMIT_NOFILE, resource.RLIMIT_CORE, resource.RLIMIT_STACK)],
        "logging": [type(handler).__name__ for handler in logging.root.handlers],
        "signals": [str(signal.getsignal(number)) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGPIPE, signal.SIGCHLD)],
        "python": [sys.executable, sys.prefix, __name__, sys.modules["__main__"].__name__],
    }
    if module.params["file"]:
        module.fail_json(msg="unwanted")
    module.exit_json(**found)


def complain(module: AnsibleModule) -> None:
    print("a complaint", file=sys.stderr)
    warnings.warn("something old", UserWarning, stacklevel=1)
    module.warn("careful")
    module.exit_json(changed=True, text="ünï\u2028", secret=module.params["secret"])


def leave(module: AnsibleModule) -> None:
    sys.exit(module.params["number"])


def leave_with_words(module: AnsibleModule) -> None:
    sys.exit("no more")


def stumble(module: AnsibleModule) -> None:
    raise ValueError("stumbled")


def fall(module: AnsibleModule) -> None:
    class Hard(BaseException):
        pass

    sys.tracebacklimit = 0
    raise Hard("fell")


def die(module: AnsibleModule) -> None:
    print("last words", flush=True)
    os.kill(os.getpid(), module.params["number"])


def nothing(module: AnsibleModule) -> None:
    print("not json")


def divide(module: AnsibleModule) -> None:
    process = os.fork()
    if not process:
        os.write(2, b"child\n")
        os._exit(3)
    module.exit_json(status=os.waitpid(process, 0)[1])


def delegate(module: AnsibleModule) -> None:
    """A child that holds the output longer than the module lives."""
    subprocess.Popen(["/bin/sh", "-c", "sleep 0.3; echo late >&2"])
    module.exit_json(done=True)


def work_on(module: AnsibleModule) -> None:
    """A thread that is not a daemon ends before its process does."""

    def later() -> None:
        time.sleep(0.2)
        print("thread", file=sys.stderr)

    threading.Thread(target=later).start()
    atexit.register(print, "at exit", file=sys.stderr)
    module.exit_json(done=True)


def forget(module: AnsibleModule) -> None:
    """A file that nobody closes has its text at the end all the same."""
    file = open(module.params["file"], "w")  # noqa: SIM115
    file.write("written")
    module.exit_json(done=True)


def measure(module: AnsibleModule) -> None:
    module.exit_json(size=len(module.params["secret"] or ""), back=(module.params["secret"] or "")[:0] + "x" * module.params["number"])


def interrupt(module: AnsibleModule) -> None:
    sys.tracebacklimit = 0
    raise KeyboardInterrupt


def limit(module: AnsibleModule) -> None:
    """Stay until the file is there, at most a minute; say so through a file first."""
    file = module.params["file"]
    with open(f"{file}.here", "w") as here:
        here.write(f"{os.getpid()} {os.getppid()}")
    deadline = time.monotonic() + 60
    while not os.path.exists(file) and time.monotonic() < deadline:
        time.sleep(0.01)
    module.exit_json(pid=os.getpid(), parent=os.getppid())


def dynamic(module: AnsibleModule) -> None:
    """What the payload does not bring cannot be imported."""
    found = []
    for name in module.params["secret"].split():
        try:
            __import__(name)
            found.append(name)
        except ImportError as error:
            found.append(str(error))
    module.exit_json(found=found)


def main() -> None:
    spec = {
        "act": {"required": True},
        "number": {"type": "int", "default": 0},
        "secret": {"no_log": True},
        "file": {"type": "path"},
    }
    module = AnsibleModule(argument_spec=spec, supports_check_mode=True)
    globals()[module.params["act"]](module)


if __name__ == "__main__":
    main()
