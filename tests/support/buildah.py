"""A real Buildah that pushes to the emulated ECR: its storage and settings are a folder's own, and its base image is made of this machine.

It comes to a registry by the emulator, which is a proxy for the registry's name, and over TLS, as it would in AWS.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tarfile
from functools import cache
from pathlib import Path

from emulator import process

from .emulated import Emulated

# In the place of what only a registry of packages has; what they are asked for is in the image already, or is not needed.
STAND_INS = {
    "apt-get": "exit 0",
    "bundle": 'mkdir -p "$BUNDLE_PATH/ruby/3.4.0/cache" tmp && echo gem > "$BUNDLE_PATH/gem"',
    "curl": 'while [ "$1" != -o ]; do shift; done; mkdir -p "$(dirname "$2")"; cp /agent.deb "$2"',
}
PROGRAMS = (
    *("sh", "bash", "cat", "cp", "rm", "ls", "id", "mkdir", "dirname", "install", "chown", "sha256sum", "grep", "mawk", "env", "cut"),
    *("dpkg-deb", "tar", "gzip", "xz", "setcap", "getcap", "useradd", "getent"),
)
FILES = ("/etc/nsswitch.conf", "/etc/login.defs", "/etc/default/useradd")
PASSWD, GROUP = "root:x:0:0:root:/root:/bin/sh\n", "root:x:0:\n"


@cache
def missing() -> str:
    """Why no image can be built here; "" when one can."""
    lacking = [name for name in ("buildah", *PROGRAMS) if shutil.which(name) is None]
    return f"{', '.join(lacking)}: not there. Debian: apt-get install buildah libcap2-bin" if lacking else ""


class Buildah:
    def __init__(self, folder: Path, emulated: Emulated) -> None:
        self.folder = folder
        folder.mkdir()
        (folder / "ca.pem").write_text(process.control(emulated.state, "certificate")["pem"])
        (folder / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        (folder / "registries.conf").write_text("unqualified-search-registries = []\n")
        place = f'driver = "vfs"\nrunroot = "{folder}/run"\ngraphroot = "{folder}/graph"\n'
        (folder / "storage.conf").write_text(f"[storage]\n{place}")
        self.environment = {
            "BUILDAH_ISOLATION": "chroot",
            "STORAGE_DRIVER": "vfs",
            "CONTAINERS_STORAGE_CONF": str(folder / "storage.conf"),
            "CONTAINERS_REGISTRIES_CONF": str(folder / "registries.conf"),
            "REGISTRY_AUTH_FILE": str(folder / "auth.json"),
            "SSL_CERT_FILE": str(folder / "ca.pem"),
            "HTTPS_PROXY": emulated.state.url,
            "NO_PROXY": "127.0.0.1",
        }

    def run(self, *words: str) -> str:
        done = subprocess.run(["buildah", *words], env={**os.environ, **self.environment}, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def base(self, name: str, files: dict[str, Path]) -> None:
        """Make an image of this machine's programs, the stand-ins, and further files by their paths in it."""
        made = self.folder / "base"
        made.mkdir()
        with tarfile.open(made / "root.tar", "w", dereference=True) as archive:
            for path in sorted({*_paths(), *filter(lambda path: Path(path).is_file(), FILES)}):
                archive.add(path)
            for folder in ("bin", "sbin"):
                link = tarfile.TarInfo(folder)
                link.type, link.linkname = tarfile.SYMTYPE, f"usr/{folder}"
                archive.addfile(link)
            for path, source in files.items():
                archive.add(source, path)
        bin_ = made / "bin"
        bin_.mkdir()
        for program, code in STAND_INS.items():
            (bin_ / program).write_text(f"#!/bin/sh\nset -e\n{code}\n")
            (bin_ / program).chmod(0o755)
        (made / "passwd").write_text(PASSWD)
        (made / "group").write_text(GROUP)
        lines = (
            "FROM scratch",
            "ADD root.tar /",
            "COPY bin/ /usr/bin/",
            "COPY passwd group /etc/",
            "ENV PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        )
        (made / "Dockerfile").write_text("\n".join((*lines, 'RUN ["/bin/bash", "-c", "mkdir -p /tmp /root /home /usr/local /var/lib"]\n')))
        self.run("build", "--quiet", "--tag", name, str(made))


def _paths() -> set[str]:
    """Programs and the libraries that they load."""
    found = {re.sub(r"^/(?=s?bin/)", "/usr/", str(shutil.which(name))) for name in PROGRAMS}
    loaded = subprocess.run(["ldd", *sorted(found)], capture_output=True, text=True, check=False).stdout
    return found | {"/usr/bin/awk"} | set(re.findall(r"/\S+\.so\S*(?= \()", loaded))
