# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`local`, with a fork server for the modules that it understands."""

from __future__ import annotations

DOCUMENTATION = """
name: warm
short_description: The local connection, with modules in a server that has Python, boto3 and botocore's models loaded
version_added: 0.1.0
author: Railyard contributors (@railyard)
description:
  - Does what P(ansible.builtin.local#connection) does, with the same results. A module of a playbook runs in a fork of a server that
    lives as long as the playbook run and has loaded what a module otherwise loads for a second.
  - What it does not understand runs as with P(ansible.builtin.local#connection), and C(-v) says why. That is the case for C(become),
    C(async), C(environment), another Python than that of ansible-playbook, modules that look for another Python themselves, a debugger,
    code that is not what the server has loaded, systems other than Linux, and versions of ansible-core or botocore that are not known.
  - The callback P(railyard.fargate.warm#callback) makes it faster still.
options:
  become_success_timeout:
    description: Seconds to wait for C(become).
    type: int
    default: 10
    vars:
      - name: ansible_local_become_success_timeout
  become_strip_preamble:
    description: Whether what C(become) prints before the command is taken out of the output.
    type: bool
    default: true
    vars:
      - name: ansible_local_become_strip_preamble
  pipelining:
    description: Whether modules are passed through a pipe. Without it every module runs as with P(ansible.builtin.local#connection).
    type: bool
    default: true
    env:
      - name: ANSIBLE_PIPELINING
    ini:
      - section: defaults
        key: pipelining
      - section: connection
        key: pipelining
    vars:
      - name: ansible_pipelining
notes:
  - The module's process is a fork of the server; its command line shows the server's, which never holds a parameter.
"""

import os
import secrets
import shlex
import signal
import socket
import subprocess
import sys

import ansible.constants as C
from ansible.plugins.connection.local import Connection as LocalConnection
from ansible.utils.collection_loader import AnsibleCollectionConfig
from ansible.utils.display import Display

from ..plugin_utils._warm import client, server_socket, wrapper
from ..plugin_utils._warm.ahead import ipc

display = Display()
KILLED = b"The server of railyard.fargate.warm was killed, and the module with it. What the module did before is not known.\n"


class Connection(LocalConnection):
    """Local connections whose modules run in the server."""

    # ansible-core looks for this name: modules of local connections run in the playbook's folder.
    transport = "local"
    has_pipelining = True

    def exec_command(self, cmd: str, in_data: bytes | None = None, sudoable: bool = True) -> tuple[int, bytes, bytes]:
        if not in_data:
            return self._local(cmd, in_data, sudoable)
        try:
            wrapped = self._understand(cmd, in_data, sudoable)
            connection = self._server()
            display.vvv(f"EXEC {cmd}", host=self._play_context.remote_addr)
            ended = client.run(connection, wrapped, self.cwd, self._play_context.remote_addr)
        except (client.Declined, wrapper.Unknown, server_socket.Unsafe, OSError) as error:
            display.v(f"runs as with the connection local: {error}", host=self._play_context.remote_addr)
            return self._local(cmd, in_data, sudoable)
        return self._result(ended)

    def _local(self, cmd: str, in_data: bytes | None, sudoable: bool) -> tuple[int, bytes, bytes]:
        # What runs beside the server may write to AWS without its knowledge.
        name = secrets.token_hex(8)
        ipc.tell(client.folder_of_run(), ipc.BEGINS, name)
        code, out, error = super().exec_command(cmd, in_data=in_data, sudoable=sudoable)
        ipc.tell(client.folder_of_run(), ipc.ENDS, name)
        return code, out, error

    def _understand(self, cmd: str, payload: bytes, sudoable: bool) -> wrapper.Wrapped:
        """Raises Unknown unless the command is the interpreter of ansible-playbook alone, and the payload one that the server can run."""
        if self.become and sudoable:
            raise wrapper.Unknown("become")
        words = shlex.split(cmd)
        if words[:2] != [self._play_context.executable, "-c"] or len(words) != 3 or C.DEFAULT_EXECUTABLE != "/bin/sh":
            raise wrapper.Unknown("the command is not a shell's")
        # Up to 2.20 ansible-core adds "&& sleep 0" to each command of the shell.
        if words[2].removesuffix(" && sleep 0") != shlex.quote(sys.executable):
            raise wrapper.Unknown(f"the module's command is not {sys.executable} alone: {_shape(words[2])}")
        if not sys.platform.startswith("linux"):
            raise wrapper.Unknown(f"{sys.platform} is not Linux")
        return wrapper.parse(payload, sys.executable)

    def _server(self) -> socket.socket:
        """A connection to the server of this run; the first worker that needs one starts it, unless the callback has."""
        folder = client.folder_of_run()
        if not os.path.lexists(folder / server_socket.NAME):
            server_socket.start(folder, os.getppid(), list(AnsibleCollectionConfig.collection_paths))
        return server_socket.connect(folder)

    def _result(self, ended: client.Ended) -> tuple[int, bytes, bytes]:
        """Return code and output as `local` has them, with the words of the shell about a module that a signal has killed."""
        if ended.status is None:
            code, out, error = _die(signal.SIGKILL)
            return code, ended.out + out, ended.error + error + KILLED
        if os.WIFSIGNALED(ended.status):
            code, out, error = _die(os.WTERMSIG(ended.status))
            return code, ended.out + out, ended.error + error
        return os.WEXITSTATUS(ended.status), ended.out, ended.error


def _shape(command: str) -> str:
    """Why a module's command is not understood, without the values that may be in it."""
    return "environment" if "=" in command.split(sys.executable)[0] else "another interpreter, or arguments"


def _die(number: int) -> tuple[int, bytes, bytes]:
    """What the shell makes of a Python that is killed by a signal: shells differ in it."""
    # A Python does not leave it to the kernel what SIGINT does.
    calm = "signal.signal(signal.SIGINT, signal.SIG_DFL)"
    inner = shlex.join([sys.executable, "-c", f"import os, signal; {calm}; os.kill(os.getpid(), {number})"])
    done = subprocess.run(f"/bin/sh -c {shlex.quote(inner)}", shell=True, executable="/bin/sh", capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr
