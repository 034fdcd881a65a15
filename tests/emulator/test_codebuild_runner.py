"""What builds get and leave: variables, secrets, sources, artifacts, and what their role may do."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest

from emulator import process
from emulator.services.codebuild import buildspec
from emulator.services.codebuild.buildspec import Artifacts, Invalid
from emulator.services.codebuild.folders import Unmatched, collect
from tests.support import building, roles
from tests.support.building import Builds, cause, packed, phases, spec
from tests.support.emulated import Emulated

SECRETS = ["ssm:GetParameters", "secretsmanager:GetSecretValue"]


@pytest.fixture
def builds(emulated: Emulated) -> Builds:
    emulated.client("s3").create_bucket(Bucket="files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    building.project(emulated)
    return Builds(emulated)


def exported(build: dict[str, Any]) -> dict[str, str]:
    return {each["name"]: each["value"] for each in build.get("exportedEnvironmentVariables", [])}


def test_variables_of_a_call_come_before_the_projects_and_those_before_the_specifications(builds: Builds) -> None:
    environment = {**building.ENVIRONMENT, "environmentVariables": [{"name": name, "value": "project"} for name in "AB"]}
    builds.emulated.client("codebuild").update_project(name="shop", environment=environment)
    text = spec(
        "D=later",
        "export E='two",
        env={"variables": dict.fromkeys("ABC", "spec"), "exported-variables": [*"ABCDE", "NONE", "AWS_REGION"]},
    ).replace("export E='two", "export E=two")
    ended = builds.run(buildspecOverride=text, environmentVariablesOverride=[{"name": "A", "value": "call"}])
    assert exported(ended) == {"A": "call", "B": "project", "C": "spec", "D": "later", "E": "two", "NONE": ""}
    shown = {each["name"]: each["value"] for each in ended["environment"]["environmentVariables"]}
    assert shown == {"A": "call", "B": "project"}


def test_secrets_are_fetched_under_the_role_masked_and_not_exported(builds: Builds) -> None:
    emulated = builds.emulated
    emulated.client("ssm").put_parameter(Name="/shop/key", Value="first-secret", Type="SecureString")
    value = json.dumps({"password": "second-secret"})
    emulated.client("secretsmanager").create_secret(Name="db", SecretString=value)
    env = {"parameter-store": {"KEY": "/shop/key"}, "secrets-manager": {"PASSWORD": "db:password"}, "exported-variables": ["KEY"]}
    text = spec("test $KEY = first-secret && echo $KEY $PASSWORD", "echo $KEY | base64", env=env)
    denied = builds.run(buildspecOverride=text)
    assert cause(denied).startswith("Decrypted Variables Error: AccessDeniedException: User: arn:aws:sts::")
    assert phases(denied)["DOWNLOAD_SOURCE"] == "FAILED"
    roles.put(emulated, "build", SECRETS, name="secrets")
    ended = builds.run(buildspecOverride=text)
    said = builds.log(ended)
    assert ended["buildStatus"] == "SUCCEEDED", said
    assert "\n*** ***\n" in said
    assert "first-secret" not in said
    assert "Zmlyc3Qtc2VjcmV0Cg==" in said
    assert exported(ended) == {}
    gone = [{"name": "A", "value": "/none", "type": "PARAMETER_STORE"}]
    assert cause(builds.run("true", environmentVariablesOverride=gone)) == "Decrypted Variables Error: parameter does not exist: /none"
    gone = [{"name": "A", "value": "none", "type": "SECRETS_MANAGER"}]
    assert "Secrets Manager can't find the specified secret." in cause(builds.run("true", environmentVariablesOverride=gone))


def test_what_a_build_does_is_judged(builds: Builds) -> None:
    ended = builds.run("aws s3 ls s3://files/")
    assert cause(ended).endswith("exit status 1")
    assert "AccessDenied" in builds.log(ended)
    roles.put(builds.emulated, "build", "s3:ListBucket", name="list")
    assert builds.run("aws s3 ls s3://files/")["buildStatus"] == "SUCCEEDED"


def test_a_source_in_s3_and_artifacts_there(builds: Builds) -> None:
    emulated, s3 = builds.emulated, builds.emulated.client("s3")
    source = packed(
        a__txt="1",
        dir___b__txt="2",
        buildspec__yml=spec(
            "ls", artifacts={"files": ["**/*.txt"], "secondary-artifacts": {"second": {"files": "b.txt", "base-directory": "dir"}}}
        ),
    )
    s3.put_object(Bucket="files", Key="shop.zip", Body=source)
    place = {"type": "S3", "location": "files", "packaging": "ZIP"}
    emulated.client("codebuild").update_project(
        name="shop",
        source={"type": "S3", "location": "files/shop.zip"},
        artifacts={**place, "name": "out.zip", "path": "builds", "namespaceType": "BUILD_ID"},
        secondaryArtifacts=[{**place, "packaging": "NONE", "artifactIdentifier": "second"}],
    )
    assert "AccessDenied" in cause(builds.run())
    roles.put(emulated, "build", "s3:GetObject", name="read")
    refused = builds.run()
    assert phases(refused)["UPLOAD_ARTIFACTS"] == "FAILED"
    assert "s3:PutObject" in cause(refused)
    roles.put(emulated, "build", "s3:PutObject", name="write")
    ended = builds.run()
    assert ended["buildStatus"] == "SUCCEEDED", builds.log(ended)
    key = f"builds/{ended['id'].partition(':')[2]}/out.zip"
    assert ended["artifacts"]["location"] == f"arn:aws:s3:::files/{key}"
    with zipfile.ZipFile(io.BytesIO(s3.get_object(Bucket="files", Key=key)["Body"].read())) as found:
        assert found.namelist() == ["a.txt", "dir/b.txt"]
    assert s3.get_object(Bucket="files", Key="shop/b.txt")["Body"].read() == b"2"


def test_a_source_of_github(builds: Builds) -> None:
    emulated = builds.emulated
    connection = emulated.client("codeconnections").create_connection(ConnectionName="shop", ProviderType="GitHub")["ConnectionArn"]
    source = {"type": "GITHUB", "location": "https://github.com/acme/shop", "auth": {"type": "CODECONNECTIONS", "resource": connection}}
    emulated.client("codebuild").update_project(name="shop", source={**source, "buildspec": "ci.yaml"})
    assert "does not have sufficient permissions" in cause(builds.run())
    roles.put(emulated, "build", ["codeconnections:UseConnection", "codestar-connections:UseConnection"], connection, name="use")
    assert "is not available" in cause(builds.run())
    process.control(emulated.state, "connections")
    assert "reference not found" in cause(builds.run())
    import base64

    tree = base64.b64encode(packed(ci__yaml=spec("echo $CODEBUILD_RESOLVED_SOURCE_VERSION"))).decode()
    commit = process.control(emulated.state, "source", repository="acme/shop", branch="main", message="a", tree=tree)["commit"]
    ended = builds.run()
    assert ended["buildStatus"] == "SUCCEEDED", builds.log(ended)
    assert ended["resolvedSourceVersion"] == commit
    assert f"\n{commit}\n" in builds.log(ended)
    assert "no such file or directory" in cause(builds.run(buildspecOverride="none.yml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            "version: 0.2\nphases:\n  build:\n    commands:\n      - echo a: b\n",
            "Expected Commands[0] to be of string type: found subkeys instead at line 5, value of the key tag on line 4 might be empty",
        ),
        (
            "version: 0.2\nphases:\n  compile:\n    commands: [a]\n",
            "invalid buildspec phase name: compile. Expecting: build,install,post_build,pre_build",
        ),
        ("version: 0.3\nphases: {build: {commands: [a]}}\n", "Only the following build spec versions are supported: 0.1, 0.2"),
        ("version: 0.2\nphases: [\n", "at line 3"),
        ("- a\n", "wrong number of container tags, expected 1"),
        ("version: 0.2\nphases: {build: {commands: [a], on-failure: STOP}}\n", "invalid on-failure value: STOP"),
        ("version: 0.2\nenv: {shell: zsh}\nphases: {build: {commands: [a]}}\n", "invalid shell: zsh"),
        ("version: 0.2\n", "at least one phase"),
    ],
)
def test_specifications_that_are_wrong(text: str, words: str) -> None:
    with pytest.raises(Invalid) as caught:
        buildspec.parse(text)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (Artifacts(("**/*",)), [".hidden", "a.txt", "dir/b.txt", "dir/sub/c.txt"]),
        (Artifacts(("dir/*",)), ["dir/b.txt"]),
        (Artifacts(("dir/**/*",)), ["dir/b.txt", "dir/sub/c.txt"]),
        (Artifacts(("./a.txt", "none")), ["a.txt"]),
        (Artifacts(("**/*",), base="dir", exclude=("sub/**/*",)), ["b.txt"]),
        (Artifacts(("**/*.txt",), discard=True), ["a.txt", "b.txt", "c.txt"]),
        (Artifacts(("*",), base="d*/sub"), ["c.txt"]),
    ],
)
def test_files_of_artifacts(tmp_path: Any, said: Artifacts, found: list[str]) -> None:
    (tmp_path / "dir/sub").mkdir(parents=True)
    for name in ("a.txt", "dir/b.txt", "dir/sub/c.txt", ".hidden"):
        (tmp_path / name).write_text(name)
    assert sorted(collect(said, tmp_path)[0]) == found


def test_artifacts_that_are_not_there(tmp_path: Any) -> None:
    for said, words in (
        (Artifacts(("a",)), "no matching artifact paths found"),
        (Artifacts(("a",), base="b"), "no matching base directory"),
    ):
        with pytest.raises(Unmatched) as caught:
            collect(said, tmp_path)
        assert words in caught.value.message
