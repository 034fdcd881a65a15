"""`ansible-test sanity` on the collection as it is shipped, with no ignore file. `python -m tests.sanity [--test NAME …]`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

from tests.support import tarball

ROOT = Path(__file__).resolve().parent.parent
HOME = ROOT / ".cache" / "sanity"
BIN = Path(sys.executable).parent
LIBRARIES = Path(sysconfig.get_paths()["purelib"])
# ansible-test fetches pip for each of its own virtual environments from a host of Ansible's. They get the one that Python has at hand.
PIP = """\
import pathlib, sysconfig
(pathlib.Path(sysconfig.get_paths()["purelib"]) / "pip").symlink_to({pip!r})
"""


def prepare() -> Path:
    """The collection, installed from its tarball beside amazon.aws, which its documentation refers to."""
    place = HOME / "collections"
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    collection = tarball.install(tarball.build(HOME), place)
    (place / "ansible_collections" / "amazon").mkdir()
    (place / "ansible_collections" / "amazon" / "aws").symlink_to(LIBRARIES / "ansible_collections" / "amazon" / "aws")
    # Otherwise ansible-test asks the git of the checkout around it, which ignores .cache, and tests no file at all.
    subprocess.run(["git", "init", "--quiet"], cwd=collection, check=True)
    return collection


def pip() -> Path:
    """A pip that is nobody's yet."""
    place = HOME / f"pip-{sys.version_info.major}.{sys.version_info.minor}"
    if not (place / "pip").is_dir():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        (found,) = place.glob("lib/python*/site-packages/pip")
        (place / "pip").symlink_to(found)
    return place / "pip"


def prepare_pip() -> None:
    """Let ansible-test find the script that it would fetch, and the settings of pip that hold for this person."""
    said = (LIBRARIES / "ansible_test" / "_internal" / "python_requirements.py").read_text()
    version = re.search(r"pip='([\d.]+)'", said)
    cache = HOME / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    if version:
        (cache / f"get_pip_{version[1].replace('.', '_')}.py").write_text(PIP.format(pip=str(pip())))
    for name in (".config", ".pip"):
        if (Path.home() / name).exists() and not (HOME / name).is_symlink():
            (HOME / name).symlink_to(Path.home() / name)


def main(words: list[str]) -> int:
    collection = prepare()
    prepare_pip()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    environment = {"HOME": str(HOME), "PATH": f"{BIN}:/usr/local/bin:/usr/bin:/bin"}
    command = [str(BIN / "ansible-test"), "sanity", "--python", python, "--color", "no", *words]
    running = subprocess.Popen(command, cwd=collection, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    skipped = False
    for line in running.stdout or ():
        print(line, end="", flush=True)
        skipped |= "All targets skipped" in line
    code = running.wait() or int(skipped)
    print("passed: ansible-test sanity" if code == 0 else f"failed: ansible-test sanity, {code}")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
