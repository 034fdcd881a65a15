"""playbooks/secret.yml at a terminal: what is typed is stored, and neither shown nor echoed."""

from __future__ import annotations

import os
import pty
import select
import subprocess

from tests.support.emulated import Emulated
from tests.support.playbooks import BIN, ROOT, play

# Neither Ansible nor a shell may give a meaning to what was typed.
SECRET = "hush %s {{ $HOME"
NAME = "/shop/local/RAILS_MASTER_KEY"
STORE = ("playbooks/secret.yml", "-e", "secret=RAILS_MASTER_KEY")


def typed(emulated: Emulated, answers: dict[str, str], *arguments: str) -> str:
    """Everything that the terminal showed while a person answered each prompt."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE_", "AWS_"))}
    environment |= {"RAILYARD_EMULATOR_STATE": str(emulated.path), "PATH": f"{BIN}:{os.environ['PATH']}", "ANSIBLE_NOCOLOR": "1"}
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ["ansible-playbook", "playbooks/secret.yml", "-i", "inventories/local", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    shown, waiting = "", dict(answers)
    while select.select([master], [], [], 60)[0]:
        try:
            shown += os.read(master, 4096).decode(errors="replace")
        except OSError:
            break
        for prompt in [prompt for prompt in waiting if prompt in shown]:
            os.write(master, f"{waiting.pop(prompt)}\n".encode())
    os.close(master)
    process.wait()
    return shown


def stored(emulated: Emulated) -> dict[str, str]:
    found = emulated.client("ssm").get_parameters(Names=[NAME], WithDecryption=True)["Parameters"]
    return {item["Type"]: item["Value"] for item in found}


def test_what_is_typed_is_stored_and_never_shown(emulated: Emulated) -> None:
    shown = typed(emulated, {"name of the secret": "RAILS_MASTER_KEY", "value of": SECRET}, "-vvv")
    assert "failed=0" in shown and f"{NAME}, version" in shown
    assert stored(emulated) == {"SecureString": SECRET}
    assert "hush" not in shown


def test_a_name_that_is_not_declared_stores_nothing(emulated: Emulated) -> None:
    played = play(emulated, "playbooks/secret.yml", "-e", "secret=RAILS_MASTER_KEI=hush")
    assert played.code != 0 and "is not in railyard_secrets" in played.output and "RAILS_MASTER_KEY" in played.output
    assert "hush" not in played.output
    assert emulated.client("ssm").get_parameters(Names=[f"{NAME[:-1]}I"])["InvalidParameters"]


def test_without_a_terminal_a_value_comes_from_standard_input_or_nothing_is_stored(emulated: Emulated) -> None:
    """What somebody else has tagged keeps that tag."""
    ssm = emulated.client("ssm")
    for value in ("first hush", "second hush"):
        played = play(emulated, *STORE, "-e", "value_from=stdin", typed=value.encode())
        assert played.code == 0 and stored(emulated) == {"SecureString": value} and value not in played.output, played.output
        ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=NAME, Tags=[{"Key": "CreatedBy", "Value": "anna"}])
    assert {"Key": "CreatedBy", "Value": "anna"} in ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=NAME)["TagList"]

    refused = play(emulated, *STORE)
    assert refused.code != 0 and "standard input is no terminal. Nothing was stored. Give it with" in refused.output, refused.output
    empty = play(emulated, *STORE, "-e", "value_from=stdin")
    assert empty.code != 0 and "standard input is empty" in empty.output and stored(emulated) == {"SecureString": "second hush"}


def test_another_account_stores_nothing(emulated: Emulated) -> None:
    words = ["secret=RAILS_MASTER_KEY", "value_from=stdin", "railyard_account_id=999999999999"]
    played = play(emulated, "playbooks/secret.yml", *(word for pair in words for word in ("-e", pair)))
    assert played.code != 0 and "and the inventory declares account 999999999999" in played.output
    assert "x" not in stored(emulated).values()
