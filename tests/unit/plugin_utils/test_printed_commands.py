"""Commands in messages, summaries and hints: completed as a run prints them, typed into a real shell, and understood by what they name."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import botocore.session
import pytest
from botocore import xform_name

from ansible_collections.railyard.fargate.plugins.plugin_utils import commands
from tests.support import command_lines, understood
from tests.support.cli import SERVICES

ROOT = Path(__file__).resolve().parents[3]
# What is to be tried in a real account names playbooks as messages do.
SOURCES = ("plugins/**/*.py", "playbooks/*.yml", "playbooks/templates/*.j2", "roles/*/tasks/*.yml", "docs/real-account.md")
# What stands for a value that only a run knows; by the expression where it must not be "1".
SAMPLE = "1"
# What a person has to fill in.
PLACE = re.compile(r"<(?!the |inventory)[^<>\s]+(?: or [^<>\s]+)?>")
SAMPLES = {"found.named": " --profile 'my profile'"}
QUOTED, BARE = "'[^']*'", r"[^\s;,)`\"'{}|=]"
PLAYBOOK = re.compile(
    r"ansible-playbook (?:site\.yml|playbooks/|railyard\.)[^\s;,]*"
    rf"(?: (?:-[iel] (?:{QUOTED}|{BARE}+(?:=(?:{QUOTED}|(?:{BARE}|=)*))?)|--check|--diff))*"
)
AWS = re.compile(
    r"(?<![\w./-])aws ([a-z][a-z0-9-]+) ([a-z]+(?:-[a-z]+)+|login)\b((?: --[a-z-]+(?: (?:'[^']*'|[^\s;,)|\"'-][^\s;,)|\"']*))?)*)"
)
EVERYWHERE = {"--profile", "--query", "--region"}
# Commands of the AWS CLI that are no operation of a service, with their options.
OF_THE_CLIENT = {("sso", "login"): set(), ("configure", "export-credentials"): {"--format"}, ("ecr", "get-login-password"): set()}


def texts() -> Iterator[tuple[str, str]]:
    """Where a text stands, and the text with samples for what a run puts in."""
    for path in sorted(path for pattern in SOURCES for path in ROOT.glob(pattern)):
        where = str(path.relative_to(ROOT))
        if path.suffix == ".py":
            yield from ((where, text) for text in _strings(ast.parse(path.read_text())))
        elif path.suffix == ".md":
            # What is left to fill in stands for the options that a command must have.
            yield from ((where, text.replace(" …", "").replace("…", SAMPLE)) for text in re.findall(r"`([^`\n]+)`", path.read_text()))
        else:
            text = "\n".join(line for line in path.read_text().splitlines() if not line.lstrip().startswith("#"))
            yield where, re.sub(r"\{\{(.*?)\}\}", lambda found: _of_expression(found[1]), text)


def _strings(tree: ast.AST) -> Iterator[str]:
    documentation = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            parts = (
                str(part.value) if isinstance(part, ast.Constant) else SAMPLES.get(ast.unparse(part.value), SAMPLE)
                for part in node.values
                if isinstance(part, ast.Constant | ast.FormattedValue)
            )
            yield "".join(parts)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in documentation:
            yield node.value


def _of_expression(expression: str) -> str:
    """The commands, or else the further options, that an expression of Jinja has as literals."""
    literals = re.findall(r"'([^']*)'", expression)
    named = [literal + SAMPLE if literal.endswith("=") else literal for literal in literals if ".yml" in literal]
    return "\n".join(named) or next(
        (f"{literal}{SAMPLE if literal.endswith(' ') else ''}" for literal in literals if " -" in literal), SAMPLE
    )


def printed(sources: list[str], limit: str) -> dict[str, str]:
    """Commands of ansible-playbook as a run with these inventories prints them, and where they come from."""
    found = {}
    for where, text in texts():
        whole = PLACE.sub(SAMPLE, commands.completed(text, sources, limit))
        for command in PLAYBOOK.findall(whole):
            # A value that the text goes on with behind the literal, and the end of a sentence.
            found[re.sub(r"=$", f"={SAMPLE}", command.rstrip(".:")) if command.endswith("=") else command.rstrip(".:")] = where
    return found


@pytest.mark.parametrize("installed", [False, True])
def test_playbooks_and_their_options_are_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, installed: bool) -> None:
    """As a path in a checkout, and by name where the collection is installed; with inventories whose names a shell would take apart."""
    folder = tmp_path if installed else ROOT
    spaced = tmp_path / "my inventories & more"
    spaced.mkdir()
    # `init` has made it when its own hints are printed.
    (tmp_path / "inventories/staging").mkdir(parents=True)
    monkeypatch.chdir(folder)
    found = printed([str(spaced), str(ROOT / "inventories/prod")], "shop_production")
    wrong = {}
    for command, where in found.items():
        ((program, *words),) = understood.handed_on(command, folder)
        named = words[0].startswith("railyard.fargate.") or (not installed and (ROOT / words[0]).exists())
        said = understood.refusal(words, folder) if named else f"{words[0]} is not how it is named here"
        if program != "ansible-playbook" or said:
            wrong[command] = f"{where}: {said}"
    assert not wrong, "\n".join(f"{command}\n    {said}" for command, said in wrong.items())
    assert len(found) > 20 and any(" -e sweep=yes" in command for command in found), found


@pytest.mark.parametrize("words", [("--vault-id", "prod@my key"), ("--vault-password-file", "my key"), ("--ask-vault-pass",)])
def test_a_vault_is_opened_as_in_this_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, words: tuple[str, ...]) -> None:
    monkeypatch.chdir(tmp_path)
    given = ["railyard.fargate.site", "-i", "a", "-i", "b c", *words]
    with understood.typed(given):
        again = commands.completed("site.yml", commands.of_run())
    ((_program, *handed),) = understood.handed_on(again, tmp_path)
    assert handed == given


def test_operations_and_options_of_aws_are_there(tmp_path: Path) -> None:
    session = botocore.session.Session()
    said = [*texts(), *((line.where, line.command) for line in command_lines.found(ROOT) if line.command.startswith("aws "))]
    found = {match[0].rstrip(".:"): (where, *match.groups()) for where, text in said for match in AWS.finditer(PLACE.sub(SAMPLE, text))}
    wrong = []
    for command, (where, service, operation, _) in found.items():
        ((_program, *words),) = understood.handed_on(command, tmp_path)
        known = OF_THE_CLIENT.get((service, operation))
        if known is None:
            model = session.get_service_model(SERVICES.get(service, service))
            named = {xform_name(name, "-"): name for name in model.operation_names}
            if operation not in named:
                wrong.append(f"{where}: {command}: there is no {operation}")
                continue
            members = (model.operation_model(named[operation]).input_shape or model.metadata).members
            known = {f"--{xform_name(name, '-')}" for name in members}
        unknown = {word for word in words if word.startswith("--")} - known - EVERYWHERE
        wrong += [f"{where}: {command}: there is no option {option}" for option in sorted(unknown)]
    assert wrong == []
    assert len(found) > 8 and {"sso", "ecs", "ssm", "ecr", "rds"} <= {service for _, service, *_ in found.values()}, found
