"""Payloads are the same bytes, whether imports are looked for once in a run or for each module anew."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ansible.executor import module_common
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import imports
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.shared import Shared, Unsupported

OURS = Path(__file__).resolve().parents[4] / "collections/ansible_collections/railyard/fargate/plugins/modules"
CORE = Path(module_common.__file__).parents[1] / "modules"


@pytest.fixture
def shared(monkeypatch: pytest.MonkeyPatch) -> Iterator[Shared]:
    monkeypatch.setattr(module_common.ModuleDepFinder, "__init__", module_common.ModuleDepFinder.__init__)
    made = Shared()
    imports.share(made)
    yield made
    made.close()


@pytest.fixture(autouse=True)
def no_cache(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each payload is built."""
    monkeypatch.setattr("ansible.constants.DEFAULT_LOCAL_TMP", str(tmp_path))


def files(module: Path) -> dict[str, str]:
    """What is in a module's payload: digests by name."""
    import base64
    import io
    import shutil
    import zipfile

    import ansible.constants

    shutil.rmtree(Path(ansible.constants.DEFAULT_LOCAL_TMP) / "ansiballz_cache", ignore_errors=True)
    built = module_common.modify_module(
        module_name=module.stem,
        module_path=str(module),
        module_args={"_ansible_remote_tmp": "/tmp", "_ansible_keep_remote_files": False},
        templar=Templar(DataLoader()),
        task_vars={"ansible_python_interpreter": sys.executable},
        module_compression="ZIP_STORED",
    )
    (archive,) = [line for line in built.b_module_data.splitlines() if line.startswith(b"zip_data='")]
    with zipfile.ZipFile(io.BytesIO(base64.b64decode(archive.partition(b"'")[2].rpartition(b"'")[0]))) as zipped:
        return {name: hashlib.sha256(zipped.read(name)).hexdigest() for name in zipped.namelist()}


MODULES = [OURS / "preflight.py", OURS / "ecs_service_info.py", CORE / "file.py", CORE / "setup.py", CORE / "dnf5.py"]


def test_payloads_are_the_same_and_each_file_is_looked_at_once(request: pytest.FixtureRequest) -> None:
    modules = [module for module in MODULES if module.exists()]
    assert len(modules) >= 4
    plain = [files(module) for module in modules]
    shared: Shared = request.getfixturevalue("shared")
    assert [files(module) for module in modules] == plain
    looked = shared.computed
    assert looked == len(shared.values) < sum(map(len, plain))
    assert [files(module) for module in modules] == plain and shared.computed == looked


def test_another_text_is_looked_at_again(shared: Shared) -> None:
    def found(text: bytes, package: bool = False) -> Any:
        finder = module_common.ModuleDepFinder("ansible_collections.a.b.plugins.module_utils.c", text, is_pkg_init=package)
        return finder.submodules, finder.optional_imports

    one, other = b"from . import one\n", b"try:\n    from . import other\nexcept ImportError:\n    pass\n"
    assert [found(one), found(other), found(one), found(other)] == [found(one), found(other)] * 2
    assert found(one) != found(other) and found(one) != found(one, package=True) and shared.computed == 3


@pytest.mark.parametrize(
    ("owner", "name", "value"),
    [(imports, "__version__", "2.99.0"), (imports, "PARAMETERS", ["self"]), (module_common, "ModuleDepFinder", None)],
)
def test_what_is_not_known_is_left_alone(owner: Any, name: str, value: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owner, name, value)
    with pytest.raises(Unsupported):
        imports.share(Shared())
