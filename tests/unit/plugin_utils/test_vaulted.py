"""Which values come from something encrypted, and why one cannot be read; never the value."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.parsing.vault import VaultLib, VaultSecret, VaultSecretsContext

from ansible_collections.railyard.fargate.plugins.module_utils._environment.problem import dotted
from ansible_collections.railyard.fargate.plugins.plugin_utils import vaulted

SECRET = VaultSecret(b"open sesame")
VALUE = "hush-hush"


def encrypted(text: str) -> str:
    return VaultLib([("default", SECRET)]).encrypt(text.encode(), SECRET).decode()


def loaded(tmp_path: Path, text: str, *, whole: bool = False, secret: bytes | None = SECRET._bytes) -> dict[str, Any]:
    """Variables of a file, as Ansible reads it: with `!vault` values, or encrypted as a whole."""
    file = tmp_path / "main.yml"
    vault = "!vault |\n" + "".join(f"    {line}\n" for line in encrypted(VALUE).splitlines())
    plain = text.replace("VAULT", vault)
    file.write_text(encrypted(plain) if whole else plain)
    loader = DataLoader()
    loader.set_vault_secrets([("default", VaultSecret(secret))] if secret else [])
    variables: dict[str, Any] = loader.load_from_file(str(file), trusted_as_template=True)
    return variables


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("mine:\n  HOST: VAULT\n", ["mine.HOST"]),
        ("mine:\n  LIST: [a]\n  HOST: plain\n", []),
        ("mine:\n  HOST: 'smtp://{{ password }}@host'\npassword: VAULT\n", ["mine.HOST"]),
        ("mine:\n  HOST: '{{ again }}'\nagain: '{{ password }}'\npassword: VAULT\n", ["mine.HOST"]),
        ("mine:\n  A: '{{ mail.user }}'\n  B: '{{ mail[\"password\"] }}'\nmail:\n  user: shop\n  password: VAULT\n", ["mine.B"]),
        ("mine: '{{ mail }}'\nmail:\n  password: VAULT\n", ["mine"]),
        ("mine:\n  HOST: '{{ mine.OTHER }}'\n  OTHER: '{{ mine.HOST }}'\n", []),
        ("mine:\n  HOST: '{{ nowhere }}'\n", []),
    ],
)
def test_what_is_encrypted_or_comes_from_it(tmp_path: Path, text: str, where: list[str]) -> None:
    assert [dotted(path) for path in vaulted.secrets(loaded(tmp_path, text), "mine")] == where


@pytest.mark.parametrize(
    ("template", "secret"),
    [
        ("lookup('amazon.aws.ssm_parameter', '/mail/password')", True),
        ("query('aws_ssm', '/mail/password')", True),
        ("lookup('amazon.aws.ssm_parameter', '/mail/host', decrypt=false)", False),
        ("lookup('amazon.aws.secretsmanager_secret', 'mail')", True),
        ("lookup('unvault', 'password.txt')", True),
        ("lookup('community.hashi_vault.vault_kv2_get', 'mail').secret", True),
        ("sealed | unvault('open sesame')", True),
        ("lookup('env', 'HOST')", False),
        ("lookup('file', 'unvault')", False),
    ],
)
def test_what_a_store_of_secrets_holds(template: str, secret: bool) -> None:
    for variables in ({"mine": f"{{{{ {template} }}}}"}, {"mine": "{{ again }}", "again": f"smtp://{{{{ {template} }}}}@host"}):
        assert list(vaulted.secrets(variables, "mine")) == ([("mine",)] if secret else [])


def test_what_stands_in_an_encrypted_file_is_secret(tmp_path: Path) -> None:
    assert [dotted(path) for path in vaulted.secrets(loaded(tmp_path, "mine:\n  HOST: x\n", whole=True), "mine")] == ["mine.HOST"]


@pytest.mark.parametrize(
    ("secret", "why"),
    [(None, "no vault password was given"), (b"wrong", "none of the vault passwords that were given fits"), (SECRET._bytes, "")],
)
def test_why_a_value_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: bytes | None, why: str) -> None:
    passwords = VaultSecretsContext([("default", VaultSecret(secret))] if secret else [])
    monkeypatch.setattr(VaultSecretsContext, "_current", passwords)
    found = list(vaulted.unreadable(loaded(tmp_path, "mine:\n  KEY: VAULT\n", secret=secret), "mine"))
    assert found == ([(("mine", "KEY"), why)] if why else [])
