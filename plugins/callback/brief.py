# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person reads of a run: what changed, what failed and why, and the texts that playbooks show."""

from __future__ import annotations

DOCUMENTATION = """
name: brief
type: stdout
short_description: Shows what changed and what failed, and each failure once
version_added: 0.1.0
author: Railyard contributors (@railyard)
description:
  - P(ansible.builtin.default#callback) without the tasks that changed nothing. A failure is its message, with the last lines that a command
    has printed; commands in it are complete, with the inventory of this run.
  - A task that is repeated until something is reached shows what it has seen, and by the clock every half minute that it goes on.
  - With C(-v) it shows everything that P(ansible.builtin.default#callback) shows.
  - With C(-e format=json) it prints nothing but what the playbook prints, so that a program can read it; failures go to standard error.
  - Of a comparison, as C(playbooks/drift.yml) makes it, it prints what the playbook prints, and failures that end it.
requirements:
  - C(stdout_callback = railyard.fargate.brief) in C(ansible.cfg)
extends_documentation_fragment:
  - default_callback
  - result_format_callback
"""

import time
from collections.abc import Mapping
from typing import Any

import ansible.constants as C
from ansible.plugins.callback.default import CallbackModule as DefaultCallback

from ..module_utils._core.clock import REPORT_EVERY, time_of_day
from ..plugin_utils import commands, last_words, yaml_faults

# Options of the default callback that `-v` gives back.
QUIET = {"display_ok_hosts", "display_skipped_hosts"}
LAST_LINES = 5
# A variable of plays that only tell what they would change.
COMPARING = "__comparing"


class CallbackModule(DefaultCallback):
    """The default callback, with less of it."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "railyard.fargate.brief"

    def __init__(self) -> None:
        super().__init__()
        self._for_a_program = self._comparing = self._failed = self._several = False
        # When a task began to be repeated, and when that was told last, by host and task.
        self._waits: dict[tuple[str, str], tuple[float, float]] = {}

    def get_option(self, k: str, hostvars: Any = None) -> Any:
        if k == "display_failed_stderr" and self._for_a_program:
            return True
        value = super().get_option(k, hostvars)
        return value and bool(self._display.verbosity) if k in QUIET else value

    def v2_playbook_on_start(self, playbook: Any) -> None:
        super().v2_playbook_on_start(playbook)
        for fault in yaml_faults.in_inventories(commands.of_run()):
            # Ansible says it without file and line, and ends.
            self._display.error(f"{commands.short(fault.file)}:{fault.line}: {fault.what}\n   right: {fault.right}", wrap_text=False)

    def v2_playbook_on_play_start(self, play: Any) -> None:
        manager = play.get_variable_manager()
        self._for_a_program = str(manager.extra_vars.get("format", "")) == "json"
        inventory = getattr(manager, "_inventory", None)
        self._several = inventory is not None and len(inventory.get_hosts(ignore_limits=True)) > 1
        self._play = play
        self._comparing = play.vars.get(COMPARING) is True and not self._display.verbosity
        if not self._silent:
            super().v2_playbook_on_play_start(play)

    @property
    def _silent(self) -> bool:
        return self._for_a_program or self._comparing

    def v2_playbook_on_task_start(self, task: Any, is_conditional: bool) -> None:
        last_words.under_way = task.get_name()
        super().v2_playbook_on_task_start(task, is_conditional)

    def _print_task_banner(self, task: Any) -> None:
        if not self._silent:
            super()._print_task_banner(task)

    def v2_playbook_on_no_hosts_matched(self) -> None:
        if not self._for_a_program:
            super().v2_playbook_on_no_hosts_matched()

    def v2_playbook_on_no_hosts_remaining(self) -> None:
        if not self._for_a_program:
            super().v2_playbook_on_no_hosts_remaining()

    def v2_runner_on_ok(self, result: Any) -> None:
        if not self._silent:
            super().v2_runner_on_ok(result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        if not (self._silent and ignore_errors):
            super().v2_runner_on_failed(result, ignore_errors)

    def v2_on_file_diff(self, result: Any) -> None:
        if not self._silent:
            super().v2_on_file_diff(result)

    def v2_runner_retry(self, result: Any) -> None:
        if self._display.verbosity:
            super().v2_runner_retry(result)
        elif not self._silent:
            key, now = (result.host.get_name(), str(result.task._uuid)), time.monotonic()
            began, told = self._waits.get(key, (now, now - REPORT_EVERY))
            if now - told >= REPORT_EVERY:
                told = now
                host = f"{key[0]} | " if self._several else ""
                self._display.display(f"{host}{time_of_day()} {sign_of_life(str(result.task_name), result.result, now - began)}")
            self._waits[key] = (began, told)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        if self._silent:
            return
        if self._failed and not self._display.verbosity:
            self._display.display("\nThe whole result of a failed task: the same command with -v", color=C.COLOR_VERBOSE)
        super().v2_playbook_on_stats(stats)

    def _handle_exception(self, result: Any, use_stderr: bool = False) -> None:
        """The exception says what the message says; where in a role it came from is for `-v`."""
        if self._display.verbosity:
            super()._handle_exception(result, use_stderr)
        else:
            result.pop("exception", None)

    def _dump_results(self, result: Mapping[str, Any], *arguments: Any, **options: Any) -> str:
        now = self._current_task_result
        if self._display.verbosity or now is None or not (now.is_failed() or now.is_unreachable()) or not result.get("msg"):
            return str(super()._dump_results(result, *arguments, **options))
        self._failed = True
        host = now.host.get_name() if self._several else ""
        said = commands.completed(words(result), commands.of_run(), host)
        return f"\n{said}" if "\n" in said else said


def words(result: Mapping[str, Any]) -> str:
    """The message of a failure, without Ansible's words around it; and the last lines of a crashed module or a command."""
    said = str(result["msg"]).removeprefix("Task failed: ").removeprefix("Action failed: ").removeprefix("Module failed: ")
    printed = ("module_stderr", *(("stderr", "stdout") if "rc" in result and not result.get("_ansible_no_log") else ()))
    lines = [line for name in printed for line in str(result.get(name) or "").strip().splitlines()[-LAST_LINES:]]
    return "\n".join([said, *(f"  {line}" for line in lines)])


def sign_of_life(task: str, result: Mapping[str, Any], seconds: float) -> str:
    """What a task that is repeated has seen; for a database its status."""
    instances = result.get("instances")
    status = instances[0].get("db_instance_status") if isinstance(instances, list) and instances else None
    said = status or ("" if result.get("_ansible_no_log") else str(result.get("msg") or "")).partition("\n")[0] or "not yet"
    return f"{task.rpartition(' : ')[2].rpartition(' | ')[2]}: {said}, {seconds:.0f} s"
