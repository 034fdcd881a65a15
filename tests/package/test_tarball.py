"""The tarball, as a stranger installs it."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

from .conftest import ROOT

ALLOWED = [
    r"(CHANGELOG|CONTRIBUTING|README)\.md",
    r"LICENSE",
    r"(MANIFEST|FILES)\.json",
    r"changelogs/(changelog|config)\.yaml",
    r"docs/[\w./-]+\.(md|rst|yml|svg|png|json)",
    r"meta/(runtime|execution-environment)\.yml",
    r"(meta/)?requirements\.txt",
    r"ansible\.cfg",
    r"inventories/(group_vars|prod|staging)/[\w./]+\.yml",
    r"examples/shop/[\w./-]+",
    r"playbooks/\w+\.yml",
    r"playbooks/templates/(policies/)?[\w.-]+\.j2",
    r"plugins/(action|connection|doc_fragments|filter|lookup|modules|plugin_utils|callback)/\w+\.py",
    r"plugins/(module|plugin)_utils/(\w+/){0,2}\w+\.py",
    r"plugins/plugin_utils/_warm/ahead/first_reads\.json",
    r"roles/\w+/README\.md",
    r"roles/\w+/(defaults|vars|meta|tasks)/\w+\.yml",
    r"roles/\w+/templates/[\w.-]+\.j2",
]


def test_tarball_has_only_files_of_the_collection(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        files = [member.name for member in archive if not member.isdir()]
    assert [name for name in files if not any(re.fullmatch(allowed, name) for allowed in ALLOWED)] == []
    assert "playbooks/site.yml" in files and "plugins/modules/codedeploy_deployment_group.py" in files


def test_links_of_the_readme_hold_where_it_is_read() -> None:
    """Galaxy shows it without the files beside it."""
    text = (ROOT / "README.md").read_text()
    links = re.findall(r"\]\(([^)]+)\)", text)
    own = re.compile(r"https://(?:github\.com/railyard/fargate/blob/main|raw\.githubusercontent\.com/railyard/fargate/main)/(.+)")
    broken = [link for link in links if not (link[1:] in headings(text) or ((found := own.fullmatch(link)) and leads(found[1])))]
    assert broken == []


def headings(text: str) -> set[str]:
    """The anchors that GitHub makes of them."""
    return {re.sub(r"[^\w -]", "", line[3:]).lower().replace(" ", "-") for line in text.splitlines() if line.startswith("## ")}


def leads(link: str) -> bool:
    """Whether a file, and a heading in it, is there."""
    path, _hash, anchor = link.partition("#")
    return (ROOT / path).exists() and (not anchor or anchor in headings((ROOT / path).read_text()))
