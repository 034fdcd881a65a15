"""A copy of an emulated AWS: it begins as the other is, and then neither knows of the other."""

from __future__ import annotations

from pathlib import Path

from emulator import process
from tests.support import fargate
from tests.support.emulated import Emulated


def parameters(emulated: Emulated) -> dict[str, str]:
    return {item["Name"]: item["Value"] for item in emulated.client("ssm").get_parameters(Names=["/one", "/two"])["Parameters"]}


def test_both_go_on_by_themselves(emulated: Emulated, tmp_path: Path) -> None:
    ssm = emulated.client("ssm")
    ssm.put_parameter(Name="/one", Value="1", Type="String")
    made = fargate.build(emulated)
    task = made.run()
    copy = emulated.fork(tmp_path / "state.json")
    try:
        assert copy.state.url != emulated.state.url and copy.state.token != emulated.state.token
        assert copy.journal() == emulated.journal() != []
        copy.client("ssm").put_parameter(Name="/two", Value="2", Type="String")
        ssm.put_parameter(Name="/one", Value="one", Type="String", Overwrite=True)
        assert (parameters(copy), parameters(emulated)) == ({"/one": "1", "/two": "2"}, {"/one": "one"})
        copy.advance(120)
        there = copy.client("ecs").describe_tasks(cluster=fargate.CLUSTER, tasks=[task])["tasks"][0]
        assert there["lastStatus"] == "STOPPED", "what is due goes on in the copy"
    finally:
        copy.stop()
    assert process.running(copy.path) is None and emulated.client("ssm").get_parameters(Names=["/one"])["Parameters"]
