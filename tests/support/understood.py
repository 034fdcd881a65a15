"""Whether ansible-playbook and its playbook understand words, as they would say it before they begin; no play is run."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import yaml
from ansible import context
from ansible.cli.playbook import PlaybookCLI
from ansible.module_utils.common.collections import ImmutableDict
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible.utils.vars import load_extra_vars

ROOT = Path(__file__).resolve().parents[2]
HOSTS = ["shop_local", "shop_local_production", "shop_staging", "shop_production"]
# Writes its own name and its words where the test reads them, each with a NUL behind it, and an empty one at the end.
STAND_IN = '#!/bin/sh\n{ printf "%s\\0" "${0##*/}" "$@"; printf "\\0"; } >> "$RAILYARD_TEST_WORDS"\n'


def handed_on(
    command: str, folder: Path, programs: Iterable[str] = ("ansible-playbook", "ansible-doc", "aws", "docker")
) -> list[list[str]]:
    """The programs that bash runs in `folder` for a command line, each with its words. Raises ValueError with what bash complains of."""
    with tempfile.TemporaryDirectory() as place:
        for name in programs:
            path = Path(place) / name
            path.write_text(STAND_IN)
            path.chmod(0o755)
        words = Path(place) / "words"
        environment = {**os.environ, "PATH": f"{place}:{os.defpath}", "RAILYARD_TEST_WORDS": str(words)}
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, check=False)
        if done.returncode or done.stderr or not words.exists():
            raise ValueError(f"{command}: {done.stderr or 'runs none of the programs'}")
        return [line.split("\0") for line in words.read_text().removesuffix("\0\0").split("\0\0")]


def refusal(words: list[str], folder: Path) -> str:
    """What is said of words of ansible-playbook that are not understood; "" of those that are."""
    from ansible_collections.railyard.fargate.plugins.lookup import hosts

    said = io.StringIO()
    try:
        with contextlib.chdir(folder), _quiet(said), _typed(words) as (playbook, table, keywords):
            if not playbook.exists():
                return f"there is no {playbook}"
            loader = DataLoader()
            variables = {"groups": {"all": HOSTS, "ungrouped": []}, **load_extra_vars(loader)}
            hosts.LookupModule(loader=loader, templar=Templar(loader, variables=variables)).run([table], variables, **keywords)
    except SystemExit as ended:
        return said.getvalue() if ended.code else ""
    return ""


@contextlib.contextmanager
def _quiet(said: io.StringIO) -> Iterator[None]:
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(said):
        yield


@contextlib.contextmanager
def _typed(words: list[str]) -> Iterator[tuple[Path, dict[str, Any], dict[str, str]]]:
    """The playbook that is named, its options, and what else it hands to the lookup; within, the words are the command line."""
    arguments = _parsed(words)
    (named,) = arguments["args"]
    fqcn = named.startswith("railyard.fargate.")
    playbook = ROOT / "playbooks" / f"{named.rpartition('.')[2]}.yml" if fqcn else Path(named)
    first = yaml.safe_load((ROOT / "playbooks" / playbook.name).read_text())[0] if playbook.exists() else {}
    arguments["extra_vars"] = tuple(trust_as_template(word) for word in arguments["extra_vars"])
    # In a copy of the checkout it is ours, too.
    arguments["args"] = (named if fqcn else str(ROOT / playbook),)
    arguments["inventory"] = tuple(arguments["inventory"] or ())
    keywords = {"hosts": "localhost"} if "hosts='localhost'" in first.get("hosts", "") else {}
    with (
        mock.patch.object(context, "CLIARGS", ImmutableDict(arguments)),
        mock.patch.object(load_extra_vars, "extra_vars", None, create=True),
        # It reads inventories, and those of the emulator start it.
        mock.patch("ansible_collections.railyard.fargate.plugins.lookup.hosts.inventories.merged", return_value=()),
    ):
        yield playbook, dict(first.get("vars", {}).get("__options", {})), keywords


def _parsed(words: list[str]) -> dict[str, Any]:
    cli = PlaybookCLI(["ansible-playbook", *words])
    cli.init_parser()
    return dict(vars(cli.parser.parse_args(words)))


@contextlib.contextmanager
def typed(words: list[str]) -> Iterator[None]:
    """Within, these words of ansible-playbook are the command line."""
    with mock.patch.object(context, "CLIARGS", ImmutableDict(_parsed(words))):
        yield
