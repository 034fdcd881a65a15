"""Faults of YAML files, with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils import yaml_faults

FAULTS = {
    "tab": (b"a: 1\nb:\n\tc: 2\n", 3, "begins with a tab", "blanks", ()),
    "alias": (b"a: 1\nb: *nowhere\n", 2, "undefined alias", "&name", ()),
    "utf-16": ("a: 1\n".encode("utf-16"), 1, "the file is UTF-16", "saved as UTF-8", ()),
    "utf-16 without mark": ("a: 1\n".encode("utf-16-le"), 1, "the file is UTF-16", "saved as UTF-8", ()),
    "latin": ("a: 1\nb: é\n".encode("latin-1"), 2, "not UTF-8", "saved as UTF-8", ()),
    "indentation": (b"a: 1\n  b: 2\n", 2, "this is no YAML", "this line", ()),
    "bracket": (b"a: [1, 2\nb: 3\n", 2, "this is no YAML", "this line", ()),
    "twice": (b"a: 1\nb: 2\na: 3\n", 3, "a is there twice, in line 1 and in line 3", "one of the two", ("a",)),
    "twice below": (b"a:\n  b: {c: 1, c: 2}\n", 2, "c is there twice", "one of the two", ("a", "b", "c")),
}
RIGHT = {
    "plain": b"a: 1\nb: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  6162\n",
    "mark": b"\xef\xbb\xbfa: 1\n",
    "encrypted": b"$ANSIBLE_VAULT;1.1;AES256\n6162\n",
    "merged": b"a: &a {b: 1}\nc: {<<: *a, d: 1}\n",
    "several": b"---\na: 1\n---\na: 1\n",
    "empty": b"",
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_has_its_line(tmp_path: Path, name: str) -> None:
    content, line, what, right, keys = FAULTS[name]
    file = tmp_path / "group_vars" / "production" / "main.yml"
    file.parent.mkdir(parents=True)
    file.write_bytes(content)
    (tmp_path / "hosts.yml").write_text("production: {hosts: {shop: }}\n")
    (found,) = yaml_faults.in_inventories([str(tmp_path)])
    assert (found.file, found.line, found.keys) == (str(file), line, keys) and what in found.what and right in found.right


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_said_of_what_is_right(tmp_path: Path, name: str) -> None:
    file = tmp_path / "main.yml"
    file.write_bytes(RIGHT[name])
    assert list(yaml_faults.of_file(file)) == []
