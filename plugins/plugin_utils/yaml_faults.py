# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong in YAML files of an inventory, with lines: Ansible says it without them, or lets it pass."""

from __future__ import annotations

import codecs
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
ENDINGS = (".yml", ".yaml", "")
OTHER = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}


@dataclass(frozen=True)
class Fault:
    """`keys` lead to a key that is there twice; () where the file cannot be read at all."""

    file: str
    line: int
    what: str
    right: str
    keys: tuple[str, ...] = ()


def of_file(file: str | Path) -> Iterator[Fault]:
    """Each key that is there twice, or why nothing can be read. What is encrypted, or no YAML by its name, is let pass."""
    path = Path(file)
    try:
        content = path.read_bytes() if path.suffix in ENDINGS else b""
    except OSError:
        return
    if content.startswith(b"$ANSIBLE_VAULT;"):
        return
    kind = next((kind for mark, kind in OTHER.items() if content.startswith(mark)), "UTF-16" if b"\0" in content[:64] else "")
    if kind:
        yield Fault(str(file), 1, f"the file is {kind}, and YAML files of Ansible are UTF-8", "the file saved as UTF-8")
        return
    try:
        for document in yaml.compose_all(content.decode("utf-8-sig"), Loader):
            yield from _twice(str(file), document, ())
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        yield Fault(str(file), line, "there is a character that is not UTF-8", "the file saved as UTF-8")
    except yaml.YAMLError as error:
        yield _unreadable(str(file), content, error)


def in_inventories(sources: Iterable[str]) -> Iterator[Fault]:
    """The faults of all files that variables of these inventories come from."""
    for source in map(Path, sources):
        folder = source if source.is_dir() else source.parent
        files = [source] if source.is_file() and source.suffix in ENDINGS[:2] else sorted(folder.glob("*.y*ml")) if source.is_dir() else []
        for kind in ("group_vars", "host_vars"):
            files += sorted(path for path in (folder / kind).glob("**/*") if path.is_file() and path.suffix in ENDINGS)
        for file in files:
            yield from of_file(file)


def _unreadable(file: str, content: bytes, error: yaml.YAMLError) -> Fault:
    mark = getattr(error, "problem_mark", None) or getattr(error, "context_mark", None)
    line = mark.line + 1 if mark else 1
    what = str(getattr(error, "problem", None) or "this is no YAML")
    lines = content.splitlines()
    if line <= len(lines) and b"\t" in lines[line - 1][: len(lines[line - 1]) - len(lines[line - 1].lstrip())] + lines[line - 1][:1]:
        return Fault(file, line, "the line begins with a tab, which YAML does not take", "blanks")
    if "alias" in what:
        return Fault(file, line, f"this is no YAML: {what}", "an anchor of this name (&name) before it, or the text in quotes")
    return Fault(file, line, f"this is no YAML: {what}", "a look at this line and at the one before it")


def _twice(file: str, node: yaml.Node | None, keys: tuple[str, ...]) -> Iterator[Fault]:
    if isinstance(node, yaml.SequenceNode):
        for item in node.value:
            yield from _twice(file, item, keys)
    if not isinstance(node, yaml.MappingNode):
        return
    first: dict[str, int] = {}
    for key, value in node.value:
        name, line = str(key.value), key.start_mark.line + 1
        if name in first and name != "<<":
            what = f"{name} is there twice, in line {first[name]} and in line {line}, and the first is lost"
            yield Fault(file, line, what, "one of the two", (*keys, name))
        first.setdefault(name, line)
        yield from _twice(file, value, (*keys, name))
