"""`make demo`: an environment on an emulated AWS whose containers are real programs, four pushes of a Rails application, and users.

Every command is printed as a person would type it. It ends with a URL, and what it started runs on.
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
from pathlib import Path

import versions
from users import Users

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".cache" / "demo"
STATE, SHOP = PLACE / "emulator.json", PLACE / "shop"
AUTHOR = "Ada <ada@example.com>"
INVENTORY = "examples/demo/inventory"
EMULATOR = ["python", "-m", "emulator", "--state", str(STATE.relative_to(ROOT))]
# How many seconds of AWS's time pass in one: while resources are made, and while users are counted.
FAST, WATCHED = "60", "20"
# Seconds that a user rests after each answer.
PAUSE = 0.05
# Seconds after each of which it is told how they are.
SECONDS = 5.0
COLOURS = sys.stdout.isatty() or bool(os.environ.get("FORCE_COLOR"))
# Lines of an execution on its way, and of the log of what has failed; what its table says is shown at the end.
FOLLOWED = r"^\d\d:\d\d:\d\d |^    (?!Running command|task [0-9a-f]{32} |\{|Command did not|started )"
SHOWN = r"^shop |^\w+, .* UTC|^  (commit|Source|Build|Migrate|Deploy|Record) |^stage "
# What CodeBuild says of every command that fails; the log says why.
ALIKE = re.compile(r": Build terminated with state: .*")
# Lines of a playbook's run that say nothing to a reader.
BORING = re.compile(
    r"^(PLAY|TASK|ok:|changed:|skipping:|included:|\s*$|The whole result|migrate "
    r"|task [0-9a-f]{32} |\{\"time\"|\S+ +: ok=\d+|\s+codedeploy )"
)


def main() -> int:
    if not versions.possible():
        print(versions.MISSING, file=sys.stderr)
        return 1
    os.chdir(ROOT)
    os.environ["ANSIBLE_NOCOLOR"] = "1"
    began = time.monotonic()
    PLACE.mkdir(parents=True, exist_ok=True)
    run(*EMULATOR, "stop", quiet=True)

    title("An environment: network, database, load balancer, services, pipeline")
    key, made = versions.new_key(), Made()
    made.begin(key)
    playbook("site.yml", keep=r"^ +(application|database|source|pipeline) |^The pipeline waits")
    run(*EMULATOR, "connect", quiet=True, shown=True)
    playbook("site.yml", keep=r"^ +(pipeline|images|cluster|web|worker|releases) ")
    (PLACE / "master.key").write_text(key)
    playbook("playbooks/secret.yml", "-e", "secret=RAILS_MASTER_KEY", "-e", "value_file=.cache/demo/master.key", keep=r"^(?!.)")
    (PLACE / "master.key").unlink()
    made.wait()

    title("The first push: a real Rails on a real PostgreSQL")
    push(1, "Take orders")
    url = urls()[0]
    users = Users(url)
    for _ in range(5):
        users.ask(makes=True)
    say(f"Five orders made at {url}orders; {users.words()}")

    title("A second push, released by canary while users go on")
    run(*EMULATOR, "speed", WATCHED, quiet=True)
    with Users(url, pause=PAUSE) as load:
        push(2, "Let orders have a note", watch=load)
        wanted = load.answers["2"] + 50
        load.until(lambda load: bool(load.failed) or load.answers["2"] >= wanted)
    say(f"{load.words()}")
    run(*EMULATOR, "speed", FAST, quiet=True)

    title("A third push, whose migration fails: users notice nothing")
    with Users(url, pause=PAUSE) as load:
        push(3, "Name what is ordered", expected=2)
    say(f"{load.words()}")

    title("A fourth push, which ends as soon as it starts: back by itself")
    with Users(url, pause=PAUSE) as load:
        push(4, "Take payments", expected=2)
    say(f"{load.words()}")

    title("Where the pipeline is, and what was released")
    playbook("playbooks/pipeline.yml", "-e", "limit=4", keep=SHOWN)
    playbook("playbooks/releases.yml")
    title("A Rails console, in a task of its own, which is gone when you leave")
    console("Order.count", "exit")
    closing(url, time.monotonic() - began)
    return 0


class Made(threading.Thread):
    """The four versions, made beside the first converge."""

    def begin(self, key: str) -> None:
        self.key, self.failed = key, ""
        self.start()

    def run(self) -> None:
        try:
            versions.make(PLACE / "1", 1, key=self.key)
            versions.make(PLACE / "2", 2, key=self.key, migrations=(versions.ADDED,))
            versions.make(PLACE / "3", 3, key=self.key, migrations=(versions.ADDED, versions.FAILING))
            versions.make(PLACE / "4", 4, key=self.key, migrations=(versions.ADDED,), crash=True)
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


def playbook(name: str, *words: str, keep: str = "", expected: int = 0, watch: Users | None = None) -> None:
    run("ansible-playbook", name, "-i", INVENTORY, *words, keep=keep, expected=expected, watch=watch, shown=True)


def run(*command: str, quiet: bool = False, shown: bool = False, keep: str = "", expected: int = 0, watch: Users | None = None) -> None:
    """Run a command and print what a reader wants of its output. `watch`: tell from time to time how its users are."""
    if shown:
        print(paint("1", f"$ {shlex.join(command)}"), flush=True)
    words = [sys.executable, *command[1:]] if command[0] == "python" else [str(Path(sys.executable).with_name(command[0])), *command[1:]]
    process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    assert process.stdout is not None
    output, gone = list[str](), threading.Event()
    if watch is not None:
        threading.Thread(target=tell, args=(watch, gone), daemon=True).start()
    for line in process.stdout:
        output.append(line)
        if not quiet and not BORING.match(line) and (not keep or re.search(keep, line)):
            print(f"  {ALIKE.sub('', line.rstrip())[:140]}", flush=True)
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
    command = ["ansible-playbook", "playbooks/console.yml", "-i", INVENTORY, "-e", "advanced_tier=yes"]
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
    title(f"Done in {seconds:.0f} s. Open {url}")
    print(f"""
Next (source .venv/bin/activate first):
  a change of yours    edit .cache/demo/shop (drop config/initializers/payment.rb), then:
                       {" ".join(EMULATOR)} push .cache/demo/shop --commit "Mine"
                       ansible-playbook playbooks/pipeline.yml -i {INVENTORY} -e do=follow
  the pipeline         ansible-playbook playbooks/pipeline.yml -i {INVENTORY}
  go back              ansible-playbook playbooks/rollback.yml -i {INVENTORY}
  a console            ansible-playbook playbooks/console.yml -i {INVENTORY}
  the database         ansible-playbook playbooks/forward.yml -i {INVENTORY}
  what was released    ansible-playbook playbooks/releases.yml -i {INVENTORY}
  end it all           {" ".join(EMULATOR)} stop""")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    sys.exit(main())
