"""`make demo`: an environment on an emulated AWS whose containers are real programs, four pushes of a Rails application, and users.

Every command is printed as a person would type it. It ends with a URL, and what it started runs on. ENGINE=ecs lets ECS itself shift
traffic, in the place of CodeDeploy.
"""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import versions
from users import Awaiting, Users

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".cache" / "demo"
STATE, SHOP = PLACE / "emulator.json", PLACE / "shop"
AUTHOR = "Ada <ada@example.com>"
INVENTORY = "examples/demo/inventory"
EMULATOR = ["python", "-m", "emulator", "--state", str(STATE.relative_to(ROOT))]
# What releases: CodeDeploy, which is the default, or ECS itself.
ENGINES = ("codedeploy", "ecs")
ENGINE = os.environ.get("ENGINE") or ENGINES[0]
DECLARED = [] if ENGINE == "codedeploy" else ["-e", f"railyard_engine={ENGINE}"]
# How many seconds of AWS's time pass in one: while resources are made, and while users are counted.
FAST, WATCHED = "120", "40"
# Seconds that a user rests after each answer.
PAUSE = 0.1
# Seconds after each of which it is told how they are.
SECONDS = 3.0
COLOURS = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
# Lines of an execution on its way, and of the log of what has failed; what its table says is shown at the end.
FOLLOWED = r"^\d\d:\d\d:\d\d |^    (?!Running command|task [0-9a-f]{32} |\{|Command did not|started )"
SHOWN = r"^shop |^\w+, .* UTC|^  (commit|Source|Build|Migrate|Deploy|Record) |^stage "
# What CodeBuild says of every command that fails; the log says why.
ALIKE = re.compile(r": Build terminated with state: .*")
# Lines of a playbook's run that say nothing to a reader.
BORING = re.compile(
    r"^(PLAY|TASK|ok:|changed:|skipping:|included:|\s*$|The whole result|migrate "
    r"|task [0-9a-f]{32} |\{\"time\"|\S+ +: ok=\d+|\s+(codedeploy|ecs) |\s+https://\S+/redirect\?)"
)


def main() -> int:
    if ENGINE not in ENGINES:
        print(f"ENGINE is {ENGINE}; it must be {' or '.join(ENGINES)}", file=sys.stderr)
        return 1
    if not versions.possible():
        print(versions.MISSING, file=sys.stderr)
        return 1
    os.chdir(ROOT)
    os.environ["ANSIBLE_NOCOLOR"] = "1"
    began = time.monotonic()
    PLACE.mkdir(parents=True, exist_ok=True)
    run(*EMULATOR, "stop", quiet=True)
    run(*EMULATOR, "start", "--executor", "process", "--speed", FAST, quiet=True)

    print(
        f"AWS is emulated on this machine, and {FAST} times as fast: no account is used, and nothing costs."
        " Rails, puma and PostgreSQL are real."
    )
    converge()
    url = urls()[0]
    release_first(url)
    release_by_canary(url)
    release_what_fails(url)

    title("Where the pipeline is, and what was released")
    with beside("playbooks/releases.yml"):
        playbook("playbooks/pipeline.yml", "-e", "limit=4", keep=SHOWN)
    title("A Rails console, in a task of its own, which is gone when you leave")
    console("Order.count", "exit")
    closing(url, time.monotonic() - began)
    return 0


def converge() -> None:
    title("An environment: network, database, load balancer, services, pipeline")
    key, made = versions.new_key(), Made()
    made.begin(key)
    playbook("site.yml", keep=r"^ +(application|database|source|pipeline) |^The pipeline waits")
    run(*EMULATOR, "connect", quiet=True, shown=True)
    (PLACE / "master.key").write_text(key)
    words = ("-e", "secret=RAILS_MASTER_KEY", "-e", "value_file=.cache/demo/master.key")
    with beside("playbooks/secret.yml", *words, keep=r"^(?!.)"):
        playbook("site.yml", keep=r"^ +(pipeline|images|cluster|web|worker|releases) ")
    (PLACE / "master.key").unlink()
    made.wait()


def release_first(url: str) -> None:
    title("The first push: a real Rails on a real PostgreSQL")
    with Awaiting(url) as awaiting:
        push(1, "Take orders")
    users = Users(url)
    for _ in range(5):
        users.ask(makes=True)
    say(f"It answers since {awaiting.seconds:.0f} s after the push. Five orders made at {url}orders; {users.words()}")


def release_by_canary(url: str) -> None:
    title("A second push, released by canary while users go on")
    run(*EMULATOR, "speed", WATCHED, quiet=True)
    with Users(url, pause=PAUSE) as load:
        push(2, "Let orders have a note", watch=load)
        wanted = load.answers["2"] + 20
        load.until(lambda load: bool(load.failed) or load.answers["2"] >= wanted)
    say(load.words())
    run(*EMULATOR, "speed", FAST, quiet=True)


def release_what_fails(url: str) -> None:
    title("A third push, whose migration fails: users notice nothing")
    with Users(url, pause=PAUSE) as load:
        push(3, "Name what is ordered", expected=2)
    say(load.words())
    title("A fourth push, which ends as soon as it starts: back by itself")
    with Users(url, pause=PAUSE) as load:
        push(4, "Take payments", expected=2)
    say(load.words())


class Made(threading.Thread):
    """The four versions, made beside the first converge."""

    def begin(self, key: str) -> None:
        self.key, self.failed = key, ""
        self.start()

    def run(self) -> None:
        try:
            first = versions.make(PLACE / "1", 1, key=self.key)
            versions.make(PLACE / "2", 2, like=first, migrations=(versions.ADDED,))
            versions.make(PLACE / "3", 3, like=first, migrations=(versions.ADDED, versions.FAILING))
            versions.make(PLACE / "4", 4, like=first, migrations=(versions.ADDED,), crash=True)
        except SystemExit as error:
            self.failed = str(error)

    def wait(self) -> None:
        self.join()
        if self.failed:
            raise SystemExit(self.failed)


def push(version: int, message: str, *, expected: int = 0, watch: Users | None = None) -> None:
    """The team's folder becomes the version, is committed and pushed, and its way through the pipeline is shown."""
    shutil.rmtree(SHOP, ignore_errors=True)
    shutil.copytree(PLACE / str(version), SHOP)
    run(*EMULATOR, "push", str(SHOP.relative_to(ROOT)), "--commit", message, "--author", AUTHOR, quiet=True, shown=True)
    playbook("playbooks/pipeline.yml", "-e", "do=follow", keep=FOLLOWED, expected=expected, watch=watch)


def playbook(name: str, *words: str, **how: Any) -> None:
    run("ansible-playbook", name, "-i", INVENTORY, *DECLARED, *words, shown=True, **how)


@contextmanager
def beside(name: str, *words: str, **how: Any) -> Iterator[None]:
    """Run a playbook while something else is done, and print afterwards what it said."""
    said: list[str] = []
    with ThreadPoolExecutor() as pool:
        running = pool.submit(playbook, name, *words, write=said.append, **how)
        yield
        running.result()
    for line in said:
        write(line)


def write(line: str) -> None:
    print(line, flush=True)


def run(
    *command: str,
    quiet: bool = False,
    shown: bool = False,
    keep: str = "",
    expected: int = 0,
    watch: Users | None = None,
    write: Callable[[str], None] = write,
) -> None:
    """Run a command and print what a reader wants of its output. `watch`: tell from time to time how its users are."""
    if shown:
        write(paint("1", f"$ {shlex.join(command)}"))
    words = [sys.executable, *command[1:]] if command[0] == "python" else [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    output, gone = list[str](), threading.Event()
    if watch is not None:
        threading.Thread(target=tell, args=(watch, gone), daemon=True).start()
    for line in process.stdout:
        output.append(line)
        if not quiet and not BORING.match(line) and (not keep or re.search(keep, line)):
            write(f"  {ALIKE.sub('', line.rstrip())[:140]}")
    gone.set()
    if process.wait() != expected and not quiet:
        raise SystemExit(f"{' '.join(command)} ended with {process.returncode}:\n{''.join(output)}")


def tell(users: Users, gone: threading.Event) -> None:
    """Tell how users are as soon as two versions answer them."""
    while not gone.wait(SECONDS):
        if len(users.answers) > 1:
            say(users.words())


def urls() -> list[str]:
    command = [sys.executable, *EMULATOR[1:], "urls"]
    return [line.split()[0] for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()]


def console(*lines: str) -> None:
    """Type lines into a Rails console, one at each prompt."""
    command = ["ansible-playbook", "playbooks/console.yml", "-i", INVENTORY, *DECLARED, "-e", "advanced_tier=yes"]
    print(paint("1", f"$ {' '.join(command)}"), flush=True)
    outer, inner = pty.openpty()
    words = [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    process = subprocess.Popen(words, stdin=inner, stdout=inner, stderr=inner, start_new_session=True)
    os.close(inner)
    waiting, seen = list(lines), b""
    while select.select([outer], [], [], 120)[0]:
        try:
            data = os.read(outer, 65536)
        except OSError:
            break
        if b"\x1b[6n" in data:
            os.write(outer, b"\x1b[1;1R")
        seen += data
        # Its line editor writes a prompt more than once: it is ready when it is silent.
        if waiting and re.search(rb"\):\d+\S*> $", plain(seen)) and not select.select([outer], [], [], 0.4)[0]:
            os.write(outer, f"{waiting.pop(0)}\n".encode())
            seen += b"\n"
    said = plain(seen).decode(errors="replace")
    if process.wait():
        raise SystemExit(f"the console ended with {process.returncode}:\n{said}")
    # Its line editor writes a line again with every key: what counts are the answers.
    for line, answer in zip(lines, re.findall(r"=> (.*?)(?=irb\(|\n|$)", said), strict=False):
        print(f"  irb> {line}\n  => {answer}", flush=True)


def plain(data: bytes) -> bytes:
    return re.sub(rb"\x1b\[[0-9;?]*[a-zA-Z]", b"", data).replace(b"\r", b"")


def title(text: str) -> None:
    print(f"\n{paint('1;36', text)}", flush=True)


def say(text: str) -> None:
    print(paint("32", f"  {text}"), flush=True)


def paint(code: str, text: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOURS else text


def closing(url: str, seconds: float) -> None:
    inventory = shlex.join(["-i", INVENTORY, *DECLARED])
    other = ENGINES[1 - ENGINES.index(ENGINE)]
    title(f"Done in {seconds:.0f} s. Open {url}")
    print(f"""
Next (source .venv/bin/activate first):
  a change of yours    edit .cache/demo/shop (drop config/initializers/payment.rb), then:
                       {" ".join(EMULATOR)} push .cache/demo/shop --commit "Mine"
                       ansible-playbook playbooks/pipeline.yml {inventory} -e do=follow
  the pipeline         ansible-playbook playbooks/pipeline.yml {inventory}
  go back              ansible-playbook playbooks/rollback.yml {inventory}
  a console            ansible-playbook playbooks/console.yml {inventory}
  the database         ansible-playbook playbooks/forward.yml {inventory}
  what was released    ansible-playbook playbooks/releases.yml {inventory}
  the other engine     make demo ENGINE={other}
  end it all           {" ".join(EMULATOR)} stop""")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
