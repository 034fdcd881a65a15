"""The command line of each playbook, as a shell hands it on: what is not right ends the run before anything is read of AWS."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from ansible import context
from ansible.module_utils.common.collections import ImmutableDict
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar, trust_as_template
from ansible.utils.display import Display
from ansible.utils.vars import load_extra_vars

from ansible_collections.railyard.fargate.plugins.lookup import hosts, options
from ansible_collections.railyard.fargate.plugins.plugin_utils import secret_input

ROOT = Path(__file__).resolve().parents[3]
PLAYBOOKS = sorted((ROOT / "playbooks").glob("*.yml"))
GROUPS = {"all": ["shop_local"], "local": ["shop_local"], "ungrouped": []}


def table(playbook: Path) -> dict[str, Any]:
    play = next(one for one in yaml.safe_load(playbook.read_text()) if "hosts" in one)
    assert "lookup('railyard.fargate.hosts', " in play["hosts"]
    return dict(play.get("vars", {}).get("__options", {}))


def typed(arguments: str) -> tuple[str, ...]:
    """What ansible-playbook gets of `-e …` after a shell."""
    shell = f'set -- {arguments}; for word in "$@"; do printf \'%s\\0\' "$word"; done'
    words = subprocess.run(["sh", "-c", shell], capture_output=True, text=True, check=True).stdout.split("\0")
    return tuple(trust_as_template(word) for word in words[1::2])


class Line:
    """A command line, and what the two lookups make of it."""

    def __init__(
        self, patch: pytest.MonkeyPatch, playbook: Path, arguments: str, inventory: tuple[str, ...] = ("nowhere,",), **chosen: Any
    ) -> None:
        patch.chdir(ROOT)
        said = {"extra_vars": typed(arguments), "args": (str(playbook),), "inventory": inventory, "subset": None, "syntax": False}
        said |= {"tags": ("all",), "skip_tags": (), "start_at_task": None, **chosen}
        patch.setattr(context, "CLIARGS", ImmutableDict(said))
        patch.setattr(load_extra_vars, "extra_vars", None, raising=False)
        self.table, self.loader = table(playbook) if playbook.is_relative_to(ROOT) else {}, DataLoader()
        self.variables = {"groups": GROUPS, **load_extra_vars(self.loader)}

    def look(self, lookup: Any, **more: Any) -> Any:
        variables = {**self.variables, **more}
        return lookup(loader=self.loader, templar=Templar(self.loader, variables=variables)).run([self.table], variables)[0]

    def hosts(self, **more: Any) -> Any:
        return self.look(hosts.LookupModule, **more)

    def options(self, **more: Any) -> Any:
        return self.look(options.LookupModule, **more)


@pytest.fixture
def refusal(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    def refuse(playbook: str, arguments: str, **more: Any) -> str:
        # Ansible says the same words once only.
        Display()._errors.clear()
        with pytest.raises(SystemExit) as ended:
            Line(monkeypatch, ROOT / "playbooks" / playbook, arguments).hosts(**more)
        assert ended.value.code == 5
        return capsys.readouterr().err

    return refuse


@pytest.mark.parametrize("playbook", [path.name for path in PLAYBOOKS])
def test_every_playbook_refuses_an_option_that_it_has_not_and_prints_those_that_it_has(
    refusal: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], playbook: str
) -> None:
    assert "there is no option " in refusal(playbook, "-e colour=blue")
    with pytest.raises(SystemExit) as ended:
        Line(monkeypatch, ROOT / "playbooks" / playbook, "-e help=yes").hosts()
    shown = capsys.readouterr().out
    known = table(ROOT / "playbooks" / playbook)
    named = [(f"{name}=", f'{{"{name}": ') for name, option in known.items() if "refused" not in option]
    assert ended.value.code == 0 and all(any(form in shown for form in forms) for forms in named)


@pytest.mark.parametrize(
    ("playbook", "arguments", "words"),
    [
        ("deploy.yml", "-e imgae=3f2c1ab", "the nearest is image"),
        ("deploy.yml", "-e image=", "image is said without a value"),
        ("deploy.yml", "-e image=\"{{ lookup('env', 'NOT_SET') }}\"", "image: its value is empty"),
        ("deploy.yml", "-e force=perhaps", "'perhaps' is neither yes nor no"),
        ("deploy.yml", "-e until=ended", "wait_for=old_tasks_stopped"),
        ("site.yml", "-e railyard_image=", "railyard_image is said without a value"),
        ("site.yml", "-e railyard_htos=all", "the nearest is railyard_hosts"),
        ("run.yml", "", "Say what to run"),
        ("run.yml", '-e command="bin/rails db:seed"', "-e 'command=\"bin/rails db:seed\"'"),
        ("run.yml", '-e command="echo a=b"', "the shell has taken the quotes away"),
        ("run.yml", "-e command=true -e timeout=60", "wait_timeout"),
        ("console.yml", '-e reason="order 4711"', "-e 'reason=\"order 4711\"'"),
        ("console.yml", "-e minutes=0", "0 is not from 1 to 1440"),
        ("forward.yml", "-e port=15432", "local_port"),
        ("deploy.yml", "-e contract=yes", "Write -e allow_destructive_migrations=yes"),
        ("rollback.yml", "-e contract=yes", "Write -e allow_destructive_migrations=yes"),
        ("promote.yml", "-e on_running=refuse", "the option is called if_running now"),
        ("site.yml", "-e wait=600", "Write -e lock_timeout=600"),
        ("releases.yml", "-e format=yaml", "'yaml' is not one of table, json"),
        ("unlock.yml", "-e railyard_hosts=typo", "no host is meant"),
        ("secret.yml", "-e secret=RAILS_MASTER_KEY -e secret_value=hush", "-e value_file=<path>"),
        ("secret.yml", '-e secret="RAILS_MASTER_KEY=a hush"', "secret: there are words behind it"),
        ("secret.yml", "-e hush", "a word belongs to no option"),
        ("secret.yml", "-e hush=", "there is no option of a name that was said"),
        ("secret.yml", "-e secret=RAILS_MASTER_KEY -e hush=x", "there are secret, value_from"),
        ("secret.yml", "-e teir=Advanced", "the nearest is tier"),
        ("secret.yml", "-e value_from=hush", "value_from: what was said is not one of prompt, stdin"),
        ("secret.yml", """-e '{"tier": "hush"}'""", "tier: what was said is not one of Standard, Advanced"),
        ("secret.yml", "-e 'secret={{ hush }}'", "secret: its template has no value"),
        ("site.yml", "-e railyard_secret_key=hush", "railyard_secret_key: a key on the command line is seen by other users"),
        ("site.yml", '-e railyard_secret_key="hush hush"', "railyard_secret_key: a key on the command line"),
        ("deploy.yml", """-e '{"railyard_access_key": "hush"}'""", "inventory encrypted with ansible-vault"),
    ],
)
def test_wrong_options_are_refused(refusal: Any, playbook: str, arguments: str, words: str) -> None:
    said = refusal(playbook, arguments)
    assert words in said and "hush" not in said


@pytest.mark.parametrize(
    ("playbook", "arguments", "values"),
    [
        ("run.yml", """-e 'command="bin/rails db:seed"' -e image=3f2c1ab""", {"command": "bin/rails db:seed", "image": "3f2c1ab"}),
        ("run.yml", """-e '{"command": ["bin/rails", "db:seed"]}'""", {"command": ["bin/rails", "db:seed"]}),
        ("deploy.yml", "-e force=yes -e migrate=no -e lock_timeout=600", {"force": True, "migrate": False, "lock_timeout": 600}),
        ("site.yml", "-e railyard_hosts=local -e vpc_zone_count=3 -e ansible_connection=local", {}),
    ],
)
def test_options_are_read(monkeypatch: pytest.MonkeyPatch, playbook: str, arguments: str, values: dict[str, Any]) -> None:
    line = Line(monkeypatch, ROOT / "playbooks" / playbook, arguments)
    assert line.hosts() in ("all", "local") and values.items() <= line.options().items()


def test_a_file_may_say_the_keys(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "keys.yml").write_text("railyard_access_key: AKIA\nrailyard_secret_key: hush\n")
    assert Line(monkeypatch, ROOT / "playbooks/unlock.yml", f"-e @{tmp_path / 'keys.yml'}").hosts() == "all"


def test_an_inventory_sets_no_option(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(monkeypatch, ROOT / "playbooks/unlock.yml", "")
    assert line.options(force=True, release=True) == {"release": False, "force": False}


def test_what_a_playbook_around_says_is_not_overheard(refusal: Any) -> None:
    assert "limit is read from the command line only" in refusal("releases.yml", "", limit=3)


def test_a_playbook_around_ours_may_have_options_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text("[]")
    assert Line(monkeypatch, tmp_path / "mine.yml", "-e colour=blue").hosts() == "all"


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ({"tags": ["vpcc"]}, "--tags vpcc selects nothing"),
        ({"tags": ["always", "tagged"]}, "--tags always,tagged selects nothing"),
        ({"skip_tags": ["database"]}, "--skip-tags database leaves nothing out"),
        ({"skip_tags": ["untagged"]}, "--skip-tags untagged leaves out everything"),
        ({"start_at_task": "Network"}, "--start-at-task"),
    ],
)
def test_no_part_of_a_playbook_can_be_asked_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path, chosen: dict[str, Any], words: str
) -> None:
    with pytest.raises(SystemExit):
        Line(monkeypatch, ROOT / "playbooks/site.yml", "", **chosen).hosts()
    assert words in capsys.readouterr().err
    (tmp_path / "mine.yml").write_text("[]")
    assert Line(monkeypatch, tmp_path / "mine.yml", "", **chosen).hosts() == "all"
    assert Line(monkeypatch, ROOT / "playbooks/site.yml", "", tags=["untagged", "more"]).hosts() == "all"


def test_an_inventory_that_is_not_there(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    with pytest.raises(SystemExit):
        Line(monkeypatch, ROOT / "playbooks/site.yml", "", (str(tmp_path / "prd"),)).hosts(groups={"all": []})
    assert "there is no inventory" in capsys.readouterr().err


def test_the_variable_of_a_secret_leaves_the_environment_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MASTER_KEY", "hush")
    secret = ROOT / "playbooks" / "secret.yml"
    assert Line(monkeypatch, secret, "-e secret=RAILS_MASTER_KEY -e value_env=MASTER_KEY").hosts() == "all"
    assert "MASTER_KEY" not in os.environ and secret_input.from_environment("MASTER_KEY") == "hush"
