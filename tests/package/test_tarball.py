"""The tarball, as a stranger installs it."""

from __future__ import annotations

import re
import tarfile
from pathlib import Path

ALLOWED = [
    r"(CHANGELOG|CONTRIBUTING|README)\.md",
    r"LICENSE",
    r"(MANIFEST|FILES)\.json",
    r"changelogs/(changelog|config)\.yaml",
    r"docs/[\w./-]+\.(md|rst|yml|svg|png)",
    r"meta/(runtime|execution-environment)\.yml",
    r"(meta/)?requirements\.txt",
    r"ansible\.cfg",
    r"inventories/(group_vars|prod|staging)/[\w./]+\.yml",
    r"examples/shop/[\w./-]+",
    r"playbooks/\w+\.yml",
    r"playbooks/templates/[\w.]+\.j2",
    r"plugins/(action|connection|doc_fragments|filter|lookup|modules|plugin_utils|callback)/\w+\.py",
    r"plugins/(module|plugin)_utils/(\w+/){0,2}\w+\.py",
    r"roles/\w+/README\.md",
    r"roles/\w+/(defaults|vars|meta|tasks)/\w+\.yml",
    r"roles/\w+/templates/\w+\.j2",
]


def test_it_holds_nothing_that_does_not_belong_to_it(tarball: Path) -> None:
    with tarfile.open(tarball) as archive:
        files = [member.name for member in archive if not member.isdir()]
    assert [name for name in files if not any(re.fullmatch(allowed, name) for allowed in ALLOWED)] == []
    assert "playbooks/site.yml" in files and "plugins/modules/codedeploy_deployment_group.py" in files
