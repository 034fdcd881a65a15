"""Command lines of the documentation: each as a person would copy it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

PROGRAMS = ("ansible-playbook", "ansible-doc", "ansible-galaxy", "make", "python -m", "source", "docker", "aws", "git", "curl", "uv")
BEGINS = re.compile(rf"^(?:\$ )?((?:[A-Z_]+=\S+ )*(?:{'|'.join(map(re.escape, PROGRAMS))})(?: .*)?)$")
# A pattern to fill in, and no command yet.
PATTERN = re.compile(r"…|<[^>]+>|\.\.\.")


@dataclass(frozen=True)
class Line:
    """A command and where it stands."""

    command: str
    where: str


def found(root: Path) -> list[Line]:
    """All of them, each once, in the order of the files."""
    lines: dict[str, Line] = {}
    for file in files(root):
        text = file.read_text()
        for command in _commands(file, text):
            if not PATTERN.search(command):
                lines.setdefault(command, Line(command, str(file.relative_to(root))))
    return list(lines.values())


def files(root: Path) -> list[Path]:
    patterns = ("README.md", "docs/*.md", "docs/docsite/rst/*.rst", "playbooks/*.yml", "roles/*/README.md")
    return [path for pattern in patterns for path in sorted(root.glob(pattern)) if path.name != "emulator-rules.md"]


def _commands(file: Path, text: str) -> list[str]:
    if file.suffix == ".yml":
        return [_bare(line[1:].strip()) for line in text.splitlines() if line.startswith("#") and BEGINS.match(_bare(line[1:].strip()))]
    inline = re.findall(r"``?([^`\n]+)``?", text)
    blocks = [line.strip() for line in text.splitlines()]
    candidates = [_bare(line) for line in (*blocks, *inline)]
    return [match[1] for line in candidates if (match := BEGINS.match(line)) and " " in match[1]]


def _bare(line: str) -> str:
    """Without the words beside it: a comment, or an explanation after two spaces."""
    return re.split(r"\s{2,}(?=\S)|\s+# ", line)[0].rstrip()
