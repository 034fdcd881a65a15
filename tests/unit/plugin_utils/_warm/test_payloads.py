"""A payload is kept and offered only when everything in it is what the key says."""

from __future__ import annotations

import os
from pathlib import Path

import ansible
import pytest
from ansible.executor import module_common
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import payloads, server_socket

CORE = Path(ansible.__file__).parent


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run that has built the payload of ansible.builtin.ping."""
    folder = tmp_path / "run"
    folder.mkdir()
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(folder))
    module_common.modify_module(
        module_name="ping",
        module_path=str(CORE / "modules" / "ping.py"),
        module_args={},
        templar=Templar(DataLoader()),
        task_vars={"ansible_python_interpreter": "/x"},
        module_compression="ZIP_DEFLATED",
    )
    return folder


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return payloads.private(tmp_path / "store")


@pytest.fixture(scope="module")
def inputs() -> payloads.Inputs:
    return payloads.inputs("2.21.5", CORE, [])


def again(tmp_path: Path) -> Path:
    folder = tmp_path / "again"
    folder.mkdir(exist_ok=True)
    return folder


def test_what_is_kept_is_offered_to_the_next_run(run: Path, store: Path, inputs: payloads.Inputs, tmp_path: Path) -> None:
    assert payloads.keep(store, inputs, run) == 1
    assert payloads.offer(store, inputs, again(tmp_path)) == 1
    (link,) = (again(tmp_path) / payloads.CACHE).iterdir()
    assert link.name == "ansible.modules.ping-ZIP_DEFLATED-none"
    assert module_common._CachedModule.load(str(link)).zip_data
    assert payloads.keep(store, inputs, again(tmp_path)) == 0


def test_another_key_has_nothing(run: Path, store: Path, inputs: payloads.Inputs, tmp_path: Path) -> None:
    payloads.keep(store, inputs, run)
    other = payloads.inputs("2.21.6", CORE, [])
    assert other.key != inputs.key and payloads.offer(store, other, again(tmp_path)) == 0


def test_an_edited_module_util_makes_another_key(inputs: payloads.Inputs, tmp_path: Path) -> None:
    collection = tmp_path / "ansible_collections" / "amazon" / "aws" / "plugins" / "module_utils"
    collection.mkdir(parents=True)
    util = collection / "core.py"
    keys = []
    for text in ("A = 1\n", "A = 2\n"):
        util.write_text(text)
        os.utime(util, (0, 0))
        keys.append(payloads.inputs("2.21.5", CORE, [str(tmp_path)]).key)
    assert len({*keys, inputs.key}) == 3


def test_an_edited_module_is_not_offered(run: Path, store: Path, inputs: payloads.Inputs, tmp_path: Path) -> None:
    payloads.keep(store, inputs, run)
    edited = tmp_path / "modules"
    edited.mkdir()
    (edited / "ping.py").write_text("edited")
    changed = payloads.Inputs(inputs.digests, {**inputs.modules, "ansible.modules": edited}, inputs.key)
    assert payloads.offer(store, changed, again(tmp_path)) == 0


@pytest.mark.parametrize("name", ["ansible.module_utils.basic", "ansible.module_utils.common"])
def test_a_payload_built_after_an_edit_is_not_kept(name: str, run: Path, store: Path, inputs: payloads.Inputs) -> None:
    earlier = payloads.Inputs({**inputs.digests, name: b"as it was"}, inputs.modules, inputs.key)
    assert payloads.keep(store, earlier, run) == 0


def test_a_broken_file_is_taken_away(run: Path, store: Path, inputs: payloads.Inputs, tmp_path: Path) -> None:
    payloads.keep(store, inputs, run)
    (kept,) = (store / inputs.key).iterdir()
    kept.write_bytes(kept.read_bytes()[:-1])
    assert payloads.offer(store, inputs, again(tmp_path)) == 0 and not kept.exists()


def test_a_store_that_others_can_write_is_not_used(store: Path, inputs: payloads.Inputs, tmp_path: Path) -> None:
    store.chmod(0o777)
    with pytest.raises(server_socket.Unsafe):
        payloads.offer(store, inputs, again(tmp_path))


def test_only_the_newest_keys_stay(run: Path, store: Path, inputs: payloads.Inputs) -> None:
    for number in range(6):
        (store / f"old{number}").mkdir()
        os.utime(store / f"old{number}", (number, number))
    payloads.keep(store, inputs, run)
    assert {path.name for path in store.iterdir()} == {inputs.key, "old3", "old4", "old5"}
