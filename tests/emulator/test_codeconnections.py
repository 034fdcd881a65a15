"""CodeConnections as AWS has it, under both of its names, and the emulated GitHub behind it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from emulator import process
from emulator.process import EmulatorError
from emulator.product import source
from tests.support.building import arn
from tests.support.emulated import Emulated


def connect(emulated: Emulated, name: str = "shop", **more: Any) -> str:
    return str(emulated.client("codeconnections").create_connection(ConnectionName=name, ProviderType="GitHub", **more)["ConnectionArn"])


def test_a_connection_is_pending_until_a_person_has_finished_it(emulated: Emulated) -> None:
    found = connect(emulated, Tags=[{"Key": "a", "Value": "1"}])
    assert found.startswith(arn("connection/", "codeconnections"))
    client = emulated.client("codeconnections")
    shown = client.get_connection(ConnectionArn=found)["Connection"]
    assert shown == {
        "ConnectionName": "shop",
        "ConnectionArn": found,
        "ProviderType": "GitHub",
        "OwnerAccountId": "123456789012",
        "ConnectionStatus": "PENDING",
    }
    assert process.control(emulated.state, "connections", connection="other")["connections"] == []
    assert process.control(emulated.state, "connections", connection="shop")["connections"] == [found]
    assert client.get_connection(ConnectionArn=found)["Connection"]["ConnectionStatus"] == "AVAILABLE"
    client.delete_connection(ConnectionArn=found)
    assert emulated.refused("codeconnections", "get_connection", ConnectionArn=found)[0] == "ResourceNotFoundException"
    assert emulated.refused("codeconnections", "delete_connection", ConnectionArn=found)[0] == "ResourceNotFoundException"


def test_a_lost_answer_makes_a_second_one(emulated: Emulated) -> None:
    assert connect(emulated) != connect(emulated)


def test_the_older_name_stays_in_what_it_makes(emulated: Emulated) -> None:
    older = emulated.client("codestar-connections")
    found = older.create_connection(ConnectionName="old", ProviderType="GitHub")["ConnectionArn"]
    assert found.startswith(arn("connection/", "codestar-connections"))
    assert emulated.client("codeconnections").get_connection(ConnectionArn=found)["Connection"]["ConnectionName"] == "old"
    assert [each["ConnectionArn"] for each in older.list_connections()["Connections"]] == [found]


def test_lists_in_pages_and_by_provider(emulated: Emulated) -> None:
    client = emulated.client("codeconnections")
    arns = [connect(emulated, f"c{number}") for number in range(3)]
    other = client.create_connection(ConnectionName="b", ProviderType="Bitbucket")["ConnectionArn"]
    page = client.list_connections(MaxResults=2)
    assert [each["ConnectionArn"] for each in page["Connections"]] == arns[:2]
    rest = client.list_connections(MaxResults=2, NextToken=page["NextToken"])
    assert [each["ConnectionArn"] for each in rest["Connections"]] == [arns[2], other]
    assert "NextToken" not in rest
    assert [each["ConnectionArn"] for each in client.list_connections(ProviderTypeFilter="Bitbucket")["Connections"]] == [other]
    assert emulated.refused("codeconnections", "list_connections", NextToken="x")[0] == "InvalidInputException"
    assert emulated.refused("codeconnections", "list_connections", MaxResults=101)[0] == "ValidationException"


def test_what_is_refused(emulated: Emulated) -> None:
    cases = [
        ({"ConnectionName": "shop"}, "InvalidInputException"),
        ({"ConnectionName": "x" * 33, "ProviderType": "GitHub"}, "ValidationException"),
        ({"ConnectionName": "shop", "ProviderType": "GitLabSelfManaged"}, "InvalidInputException"),
        ({"ConnectionName": "shop", "ProviderType": "Git"}, "ValidationException"),
        ({"ConnectionName": "shop", "ProviderType": "GitHub", "Tags": [{"Key": "aws:a", "Value": ""}]}, "ValidationException"),
        ({"ConnectionName": "shop", "HostArn": arn("host/gone-12345678", "codeconnections")}, "ResourceNotFoundException"),
    ]
    for params, code in cases:
        assert emulated.refused("codeconnections", "create_connection", **params)[0] == code


def test_tags(emulated: Emulated) -> None:
    client, found = emulated.client("codeconnections"), connect(emulated, Tags=[{"Key": "a", "Value": "1"}])
    client.tag_resource(ResourceArn=found, Tags=[{"Key": "b", "Value": "2"}])
    client.untag_resource(ResourceArn=found, TagKeys=["a"])
    assert client.list_tags_for_resource(ResourceArn=found)["Tags"] == [{"Key": "b", "Value": "2"}]
    listed = emulated.client("resourcegroupstaggingapi").get_resources(TagFilters=[{"Key": "b"}])["ResourceTagMappingList"]
    assert [each["ResourceARN"] for each in listed] == [found]
    gone = arn("connection/gone", "codeconnections")
    assert emulated.refused("codeconnections", "list_tags_for_resource", ResourceArn=gone)[0] == "ResourceNotFoundException"


def test_a_host_is_set_up_by_a_person_and_kept_while_it_has_connections(emulated: Emulated) -> None:
    client = emulated.client("codeconnections")
    host = client.create_host(Name="own", ProviderType="GitHubEnterpriseServer", ProviderEndpoint="https://git.example.com")["HostArn"]
    assert client.get_host(HostArn=host)["Status"] == "PENDING"
    refused = emulated.refused("codeconnections", "create_connection", ConnectionName="shop", HostArn=host)
    assert refused[0] == "ResourceUnavailableException"
    process.control(emulated.state, "connections")
    made = client.create_connection(ConnectionName="shop", HostArn=host)["ConnectionArn"]
    assert client.get_connection(ConnectionArn=made)["Connection"]["ProviderType"] == "GitHubEnterpriseServer"
    assert [each["ConnectionArn"] for each in client.list_connections(HostArnFilter=host)["Connections"]] == [made]
    assert emulated.refused("codeconnections", "delete_host", HostArn=host)[0] == "ResourceUnavailableException"
    client.delete_connection(ConnectionArn=made)
    client.delete_host(HostArn=host)
    assert client.list_hosts()["Hosts"] == []
    given = {"Name": "own", "ProviderType": "GitHub", "ProviderEndpoint": "https://github.com"}
    assert emulated.refused("codeconnections", "create_host", **given)[0] == "ValidationException"


def test_a_repository_is_linked_once_and_through_a_connection_that_works(emulated: Emulated) -> None:
    client, found = emulated.client("codeconnections"), connect(emulated)
    wanted = {"ConnectionArn": found, "OwnerId": "acme", "RepositoryName": "shop"}
    assert emulated.refused("codeconnections", "create_repository_link", **wanted)[0] == "InvalidInputException"
    process.control(emulated.state, "connections")
    link = client.create_repository_link(**wanted)["RepositoryLinkInfo"]["RepositoryLinkId"]
    assert emulated.refused("codeconnections", "create_repository_link", **wanted)[0] == "ResourceAlreadyExistsException"
    sync = {"ResourceName": "stack", "SyncType": "CFN_STACK_SYNC"}
    role = "arn:aws:iam::123456789012:role/sync"
    client.create_sync_configuration(**sync, Branch="main", ConfigFile="c.yml", RepositoryLinkId=link, RoleArn=role)
    assert client.get_sync_configuration(**sync)["SyncConfiguration"]["RepositoryName"] == "shop"
    refused = emulated.refused("codeconnections", "delete_repository_link", RepositoryLinkId=link)
    assert refused[0] == "SyncConfigurationStillExistsException"
    client.delete_sync_configuration(**sync)
    client.delete_repository_link(RepositoryLinkId=link)
    assert client.list_repository_links()["RepositoryLinks"] == []


# The emulated GitHub


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A clone with a file that git tracks, one that it does not know, and one that it ignores."""
    folder = tmp_path / "shop"
    folder.mkdir()
    for words in (["init", "-q"], ["config", "user.name", "Ada"], ["config", "user.email", "ada@example.com"]):
        subprocess.run(["git", "-C", str(folder), *words], check=True)
    (folder / "tracked").write_text("1")
    (folder / ".gitignore").write_text("ignored\n")
    subprocess.run(["git", "-C", str(folder), "add", "."], check=True)
    (folder / "fresh").write_text("2")
    (folder / "ignored").write_text("3")
    return folder


def push(emulated: Emulated, folder: Path, branch: str = "main", message: str | None = "Totals") -> list[str]:
    return source.push(emulated.state, folder, "acme/shop", branch, message, "")


def test_a_push_has_what_git_has_and_what_it_does_not_ignore(emulated: Emulated, clone: Path) -> None:
    assert list(source._files(clone)) == [".gitignore", "fresh", "tracked"]
    first = push(emulated, clone)
    assert len(first[0]) == 40
    (clone / "tracked").write_text("changed")
    (clone / "fresh").unlink()
    answer = process.control(
        emulated.state,
        "source",
        repository="acme/shop",
        branch="main",
        message="Second",
        author="Ada",
        tree=source.encoded(clone),
    )
    assert (answer["changed"], answer["created"]) == (["fresh", "tracked"], False)
    assert answer["commit"] != first[0]


def test_without_git_all_files_are_pushed(emulated: Emulated, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM scratch")
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("")
    assert list(source._files(tmp_path)) == ["Dockerfile", "a/b"]
    assert source.is_source(tmp_path)
    assert not source.is_source(tmp_path / "a")
    with pytest.raises(EmulatorError):
        push(emulated, tmp_path / "none")


def typed(emulated: Emulated, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", *words, "--state", str(emulated.path)]
    return subprocess.run(command, cwd=process.ROOT, capture_output=True, text=True, check=False)


def test_the_command_lines(emulated: Emulated, clone: Path) -> None:
    found = connect(emulated)
    assert typed(emulated, "connect", "shop").stdout.strip() == found
    assert typed(emulated, "connect").stdout.strip() == "no connection is pending"
    assert "no connection none is pending" in typed(emulated, "connect", "none").stderr
    said = typed(emulated, "push", str(clone), "--commit", "Totals of orders", "--branch", "next", "--tag", "v1", "--pull-request", "main")
    assert len(said.stdout.strip()) == 40, said.stderr
