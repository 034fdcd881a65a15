"""What builds find instead of `aws` and `docker`: the same command lines, the same words when something is wrong."""

from __future__ import annotations

import io
import shlex
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from emulator import process, zips
from emulator.product import built
from emulator.product import push as push_module
from emulator.stand_ins import docker as docker_module
from emulator.stand_ins import image as image_module
from tests.support import building, roles
from tests.support.building import ENVIRONMENT, Builds, cause, spec
from tests.support.emulated import Emulated

HOST = "123456789012.dkr.ecr.eu-west-1.amazonaws.com"
LOGIN = f"aws ecr get-login-password | docker login --username AWS --password-stdin {HOST}"
PUSH = [
    f"ecr:{name}"
    for name in (
        "BatchCheckLayerAvailability",
        "InitiateLayerUpload",
        "UploadLayerPart",
        "CompleteLayerUpload",
        "PutImage",
        "BatchGetImage",
    )
]
DOCKERFILE = """FROM public.ecr.aws/docker/library/ruby:3.4 AS base
ENV RAILS_ENV=production
FROM base AS build
COPY . .
RUN bundle install
FROM base
COPY --from=build /app /app
CMD ["bin/rails", "server"]
"""
MIGRATION = """class DropTotals < ActiveRecord::Migration[8.0]
  def up
    remove_column :orders, :total
  end
end
"""


@pytest.fixture
def builds(emulated: Emulated) -> Builds:
    """A project whose builds have docker, a repository, and a source in S3."""
    emulated.client("s3").create_bucket(Bucket="source", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    emulated.client("ecr").create_repository(repositoryName="shop", imageTagMutability="IMMUTABLE")
    building.project(
        emulated,
        source={"type": "S3", "location": "source/shop.zip", "buildspec": spec("true")},
        environment={**ENVIRONMENT, "privilegedMode": True},
    )
    roles.put(emulated, "build", ["s3:GetObject", "ecr:GetAuthorizationToken"], name="source")
    roles.put(emulated, "build", PUSH, building.arn("repository/shop", "ecr"), name="push")
    put(emulated, {"Dockerfile": DOCKERFILE, "db/migrate/20260131120000_drop_totals.rb": MIGRATION})
    return Builds(emulated)


def put(emulated: Emulated, files: dict[str, str]) -> None:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w") as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    emulated.client("s3").put_object(Bucket="source", Key="shop.zip", Body=kept.getvalue())


def image(emulated: Emulated, tag: str) -> dict[str, Any]:
    return dict(emulated.client("ecr").describe_images(repositoryName="shop", imageIds=[{"imageTag": tag}])["imageDetails"][0])


def test_an_image_is_built_of_source_and_pushed(builds: Builds) -> None:
    build = f"docker buildx build --provenance=false --metadata-file m.json --tag {HOST}/shop:1 --push ."
    ended = builds.run(LOGIN, build, "cat m.json", f"docker inspect --format '{{{{index .RepoDigests 0}}}}' {HOST}/shop:1")
    assert ended["buildStatus"] == "SUCCEEDED", builds.log(ended)
    digest = image(builds.emulated, "1")["imageDigest"]
    assert f'"containerimage.digest": "{digest}"' in builds.log(ended)
    assert f"\n{HOST}/shop@{digest}\n" in builds.log(ended)
    again = builds.run(LOGIN, f"docker build -t {HOST}/shop:2 .", f"docker push {HOST}/shop:2")
    assert again["buildStatus"] == "SUCCEEDED", builds.log(again)
    assert image(builds.emulated, "2")["imageDigest"] == digest
    put(builds.emulated, {"Dockerfile": DOCKERFILE, "other": ""})
    other = builds.run(LOGIN, f"docker build -t {HOST}/shop:2 .", f"docker push {HOST}/shop:2")
    assert "the tag is immutable" in builds.log(other)
    assert other["buildStatus"] == "FAILED"


Docker = Callable[[str], str]


@pytest.fixture
def docker(emulated: Emulated, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Docker:
    """Command lines in a folder with a Dockerfile, by an administrator; what they say."""
    emulated.client("ecr").create_repository(repositoryName="shop")
    (tmp_path / "Dockerfile").write_text(DOCKERFILE)
    keys = {"AWS_ACCESS_KEY_ID": "EMULATOR", "AWS_SECRET_ACCESS_KEY": "x", "AWS_ENDPOINT_URL": emulated.state.url}
    for name, value in {**keys, "HOME": str(tmp_path / "home"), "EMULATED_PRIVILEGED": "1"}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.delenv("DOCKER_CONFIG", raising=False)
    monkeypatch.chdir(tmp_path)

    def run(line: str) -> str:
        capsys.readouterr()
        line, _, typed = line.partition(" < ")
        monkeypatch.setattr("sys.stdin", io.StringIO(typed))
        code = docker_module.main(shlex.split(line))
        said = capsys.readouterr()
        return f"{said.out}{said.err}exit {code}\n"

    return run


SIGN_IN = f"login -u AWS --password-stdin {HOST} < 123456789012-auth-token"


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ([f"buildx build -t {HOST}/shop:1 --push ."], "no basic auth credentials"),
        (["build ./none"], 'unable to prepare context: path "./none" not found'),
        (["build -f Other ."], "failed to read dockerfile: open Other: no such file or directory"),
        (["build --target none ."], 'target stage "none" could not be found'),
        (["build --frob ."], "unknown flag: --frob"),
        (["buildx build --platform linux/arm64 ."], "exec format error"),
        (["buildx build --cache-to type=registry,ref=a ."], "Cache export is not supported for the docker driver"),
        ([SIGN_IN, f"push {HOST}/shop:9"], "An image does not exist locally with the tag"),
        ([f"login -u AWS --password-stdin {HOST} < x"], "400 Bad Request"),
        ([SIGN_IN, f"build -t {HOST}/none:1 .", f"push {HOST}/none:1"], "name unknown: The repository with name 'none' does not exist"),
        ([SIGN_IN, f"pull {HOST}/shop:none"], f"manifest for {HOST}/shop:none not found: manifest unknown: Requested image not found"),
        (["tag a b"], "Error response from daemon: No such image: a"),
        (["inspect a"], "Error: No such object: a"),
        (["swarm init"], "is not a docker command"),
    ],
)
def test_dockers_words(docker: Docker, lines: list[str], words: str) -> None:
    said = [docker(line) for line in lines]
    assert words in said[-1]
    assert not said[-1].endswith("exit 0\n")
    assert all(each.endswith("exit 0\n") for each in said[:-1])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("FROM scratch\nCOPY none .\n", '"/none": not found'),
        (f"FROM {HOST}/shop:none\n", "shop:none: not found"),
        ("", "the Dockerfile cannot be empty"),
        ("RUN true\n", "no build stage in current context"),
    ],
)
def test_dockerfiles_that_cannot_be_built(docker: Docker, tmp_path: Path, text: str, words: str) -> None:
    docker(SIGN_IN)
    (tmp_path / "Dockerfile").write_text(text)
    said = docker("build .")
    assert words in said and said.endswith("exit 1\n")


def test_what_a_role_may_not_push(builds: Builds) -> None:
    ended = builds.run(LOGIN, f"docker build -t {HOST}/none:1 .", f"docker push {HOST}/none:1")
    assert "denied: User: arn:aws:sts::123456789012:assumed-role/build" in builds.log(ended)


def test_no_daemon_without_privileges(builds: Builds) -> None:
    ended = builds.run("docker info", privilegedModeOverride=False)
    assert "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" in builds.log(ended)
    assert cause(ended).startswith("COMMAND_EXECUTION_ERROR: Error while executing command: docker info.")


def test_attestations_make_an_index(docker: Docker, emulated: Emulated) -> None:
    for line in (SIGN_IN, "buildx create --name b --use", f"buildx build -t {HOST}/shop:1 --push ."):
        assert docker(line).endswith("exit 0\n")
    assert image(emulated, "1")["imageManifestMediaType"] == "application/vnd.oci.image.index.v1+json"
    assert len(emulated.client("ecr").describe_images(repositoryName="shop")["imageDetails"]) == 3
    assert f"Digest:    {image(emulated, '1')['imageDigest']}" in docker(f"buildx imagetools inspect {HOST}/shop:1")


def test_a_builder_of_its_own_keeps_what_nobody_pushes_or_loads_and_may_export_its_cache(docker: Docker, emulated: Emulated) -> None:
    emulated.client("ecr").create_repository(repositoryName="shop-cache")
    cache = f"type=registry,mode=max,image-manifest=true,oci-mediatypes=true,ref={HOST}/shop-cache:main"
    docker(SIGN_IN)
    docker("buildx create --use")
    said = docker(f"buildx build -t {HOST}/shop:1 --cache-from type=registry,ref={HOST}/shop-cache:main --cache-to {cache} .")
    assert "Build result will only remain in the build cache" in said
    assert "An image does not exist locally" in docker(f"push {HOST}/shop:1")
    assert len(emulated.client("ecr").list_images(repositoryName="shop-cache")["imageIds"]) == 1


def test_migrations_are_read_from_the_files() -> None:
    files = {
        "db/migrate/20260131120000_drop_totals.rb": MIGRATION.encode(),
        "db/migrate/20260101120000_add.rb": b"class Add < ActiveRecord::Migration[8.0]\n  def down\n    drop_table :a\n  end\nend\n",
        "app/models/order.rb": b"drop_table",
    }
    assert built.migrations(files) == [
        {"version": "20260101120000", "name": "Add", "destructive": []},
        {"version": "20260131120000", "name": "DropTotals", "destructive": ["remove_column"]},
    ]


def test_the_command_line_of_aws(builds: Builds) -> None:
    roles.put(builds.emulated, "build", ["s3:PutObject", "ssm:PutParameter", "ssm:GetParameter", "ecs:ListClusters"], name="more")
    ended = builds.run(
        "echo one > f; aws s3 cp --only-show-errors f s3://source/f; aws s3 cp --only-show-errors s3://source/f g; cat g",
        "aws ssm put-parameter --name /a --value two --type String",
        "aws ssm get-parameter --name /a --query Parameter.Value --output text",
        "aws sts get-caller-identity --query Arn --output text",
        "aws ecs list-clusters --output json",
        'python3 -c \'import boto3; print(boto3.client("sts").get_caller_identity()["Account"])\'',
        "aws ecs list-clusters --frob || echo $?",
        "aws s3 cp s3://source/none h || echo $?",
        "aws ssm delete-parameter --name /a",
    )
    said = builds.log(ended)
    for words in ("\none\n", "\ntwo\n", ":assumed-role/build/AWSCodeBuild-", '"clusterArns": []', "\n123456789012\n", "\n252\n", "\n1\n"):
        assert words in said, words
    assert "An error occurred (AccessDeniedException) when calling the DeleteParameter operation: User: arn:aws:sts" in said
    assert cause(ended).endswith("exit status 254")


def test_zips_keep_modes_and_links(tmp_path: Any) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "a").chmod(0o755)
    (tmp_path / "b").symlink_to("a")
    packed = zips.pack({"x/a": tmp_path / "a", "x/b": tmp_path / "b"})
    assert packed == zips.pack({"x/b": tmp_path / "b", "x/a": tmp_path / "a"})
    zips.unpack(packed, tmp_path / "out")
    assert (tmp_path / "out/x/a").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "out/x/b").readlink().name == "a"


def test_with_programs_an_image_stands_for_a_copy_of_its_files(tmp_path: Any) -> None:
    own = Emulated.start(tmp_path / "state.json", executor="process")
    try:
        own.client("ecr").create_repository(repositoryName="shop")
        (tmp_path / "app").mkdir()
        (tmp_path / "app/config.ru").write_text("run App")
        made = image_module.make(
            {"Labels": {image_module.SOURCE: "context"}}, image_module.layer(tmp_path / "app", iter(["config.ru"])), "amd64"
        )
        for digest, data in made.blobs.items():
            push_module._upload(own.client("ecr"), "shop", digest, data)
        own.client("ecr").put_image(repositoryName="shop", imageManifest=made.manifest, imageTag="1")
        assert process.control(own.state, "programs") == [f"*@{made.digest}"]
    finally:
        own.stop()
