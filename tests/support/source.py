"""A team's repository, as small as a pipeline can build it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from emulator.product import source

from .emulated import Emulated

REPOSITORY, BRANCH = "acme/shop", "main"
DOCKERFILE = "FROM scratch\nCOPY . .\n"
MIGRATION = "class {name} < ActiveRecord::Migration[7.2]\n  def change\n    {line}\n  end\nend\n"


@dataclass
class Repository:
    """`folder`: the files. Each push is a commit."""

    folder: Path
    emulated: Emulated
    commits: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        (self.folder / "db" / "migrate").mkdir(parents=True)
        (self.folder / "Dockerfile").write_text(DOCKERFILE)

    def migration(self, version: str, name: str, line: str = "add_column :orders, :note, :text") -> Path:
        path = self.folder / "db" / "migrate" / f"{version}_{name.lower()}.rb"
        path.write_text(MIGRATION.format(name=name, line=line))
        return path

    def crashes(self, really: bool = True) -> None:
        """Whether containers end as soon as they have started."""
        (self.folder / "Dockerfile").write_text(DOCKERFILE + ("LABEL emulated.crash=1\n" if really else ""))

    def push(self, message: str, **files: str) -> str:
        """Commit everything, and push it; the commit."""
        for name, text in files.items():
            (self.folder / name).write_text(text)
        (self.folder / "REVISION").write_text(f"{len(self.commits)}\n")
        commit = source.push(self.emulated.state, self.folder, REPOSITORY, BRANCH, message, "Deborah <deborah@example.com>")[0]
        self.commits.append(commit)
        return commit
