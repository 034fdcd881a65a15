"""An importer with the content of a payload: what modules ask of it beside importing."""

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.archive import Archive, Source

ONE = Source(b"ONE = 1\n", "/ansible_one_payload.zip/one.py", False)


def test_a_text_is_given_by_name_and_by_path() -> None:
    archive = Archive({"one": ONE})
    spec = archive.find_spec("one")
    assert spec is not None and spec.origin is not None
    assert (archive.get_source("one"), archive.get_data(spec.origin)) == ("ONE = 1\n", b"ONE = 1\n")


def test_a_path_that_is_not_there_is_none() -> None:
    with pytest.raises(FileNotFoundError, match=r"two\.py"):
        Archive({"one": ONE}).get_data("/ansible_one_payload.zip/two.py")
