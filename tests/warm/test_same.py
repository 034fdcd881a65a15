"""Whatever a module does, the server's result is that of `local`, byte for byte."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from .conftest import Ran, Warm, behave, normal, payload, start

CASES: dict[str, dict[str, Any]] = {
    "what a process knows about itself": {"act": "state"},
    "a failure": {"act": "state", "file": "/x"},
    "words on standard error": {"act": "complain", "secret": "hunter2"},
    "an exit with a number": {"act": "leave", "number": 7},
    "an exit with a number beyond a byte": {"act": "leave", "number": 300},
    "an exit with words": {"act": "leave_with_words"},
    "an exception": {"act": "stumble"},
    "an exception that is none": {"act": "fall"},
    "a segmentation fault": {"act": "die", "number": 11},
    "a kill": {"act": "die", "number": 9},
    "an interrupt": {"act": "interrupt"},
    "no result": {"act": "nothing"},
    "a fork that ends as its parent does": {"act": "divide"},
    "a process that outlives the module": {"act": "delegate"},
    "a thread and a handler at the end": {"act": "work_on"},
    "large parameters and a large result": {"act": "measure", "secret": "s" * 3_000_000, "number": 2_000_000},
    "imports that the payload does not bring": {
        "act": "dynamic",
        "secret": "ansible.module_utils.urls ansible_collections.amazon.aws.plugins.module_utils.core ansible_collections.community",
    },
    "check mode and difference": {"act": "complain", "_ansible_check_mode": True, "_ansible_diff": True},
    "a parameter that does not exist": {"act": "state", "nonsense": 1},
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    from ansible_collections.railyard.fargate.plugins.plugin_utils._warm import client

    folder = tmp_path_factory.mktemp("run")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(client, "folder_of_run", lambda: folder)
        yield from start(folder, patch)


@pytest.mark.parametrize("case", CASES)
def test_module_results_equal_those_of_local(
    case: str, server: Warm, local: Callable[[bytes], Ran], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "set after the server was started")
    monkeypatch.setenv("SHOP", "ünï")
    # What readline puts into the C library's environment of pytest is not in os.environ.
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("LINES", "24")
    umask = os.umask(0o027)
    try:
        data = behave(**CASES[case])
        code, out, error = server.run(data)
        expected = local(data)
    finally:
        os.umask(umask)
    assert server.reasons == []
    assert (code, normal(out), normal(error)) == (expected[0], normal(expected[1]), normal(expected[2]))


def test_a_file_that_nobody_closed_is_written(server: Warm, tmp_path: Path) -> None:
    assert server.run(behave(act="forget", file=str(tmp_path / "file")))[0] == 0
    assert (tmp_path / "file").read_text() == "written"


def test_the_folder_is_that_of_the_task(server: Warm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "link")
    for named, seen in ((tmp_path / "link", tmp_path / "link"), (Path("/"), tmp_path / "real")):
        monkeypatch.setenv("PWD", str(named))
        result = json.loads(server.run(behave(act="state"))[1])
        assert (result["folder"], result["environment"]["PWD"]) == (str(tmp_path / "real"), str(seen))


def test_modules_of_collections_run_in_the_server(server: Warm, local: Callable[[bytes], Ran]) -> None:
    import ansible_collections.amazon.aws

    import ansible_collections.railyard.fargate

    ours = Path(ansible_collections.railyard.fargate.__file__).parent
    theirs = Path(ansible_collections.amazon.aws.__file__).parent
    target = {"endpoint_url": "http://127.0.0.1:1", "region": "eu-west-1", "access_key": "a", "secret_key": "b"}
    for module, params in (
        (theirs / "plugins/modules/aws_caller_info.py", target),
        (theirs / "plugins/modules/ec2_vpc_net.py", {**target, "name": "x", "cidr_block": "10.0.0.0/16"}),
        (ours / "plugins/modules/codedeploy_application.py", {**target, "name": "x", "aws_config": {"retries": {"max_attempts": 0}}}),
        (ours / "plugins/modules/ssm_secret_info.py", target),
    ):
        data = payload(module, params)
        served, plain = server.run(data), local(data)
        assert server.reasons == []
        assert (served[0], normal(served[1]), normal(served[2])) == (plain[0], normal(plain[1]), normal(plain[2]))
