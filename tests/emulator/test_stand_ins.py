"""What builds find instead of `aws` and `docker`: the same command lines, the same words when something is wrong."""

from __future__ import annotations

from typing import Any

import pytest

from emulator import process, zips
from emulator.product import built
from emulator.product import push as push_module
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
    import io
    import zipfile

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


@pytest.mark.parametrize(
    ("commands", "words"),
    [
        ([f"docker buildx build -t {HOST}/shop:1 --push ."], "no basic auth credentials"),
        (["docker build ./none"], 'unable to prepare context: path "./none" not found'),
        (["docker build -f Other ."], "failed to read dockerfile: open Other: no such file or directory"),
        (["docker build --target none ."], 'target stage "none" could not be found'),
        (["docker build --frob ."], "unknown flag: --frob"),
        (["printf 'FROM scratch\\nCOPY none .\\n' > Dockerfile", "docker build ."], '"/none": not found'),
        (["docker buildx build --platform linux/arm64 ."], "exec format error"),
        (["docker buildx build --cache-to type=registry,ref=a ."], "Cache export is not supported for the docker driver"),
        ([LOGIN, f"docker push {HOST}/shop:9"], "An image does not exist locally with the tag"),
        ([f"echo x | docker login -u AWS --password-stdin {HOST}"], "400 Bad Request"),
        (
            [LOGIN, f"docker build -t {HOST}/none:1 .", f"docker push {HOST}/none:1"],
            "denied: User: arn:aws:sts::123456789012:assumed-role/build",
        ),
        ([f"echo 'FROM {HOST}/shop:none' > Dockerfile", LOGIN, "docker build ."], "shop:none: not found"),
    ],
)
def test_dockers_words(builds: Builds, commands: list[str], words: str) -> None:
    ended = builds.run(*commands)
    assert words in builds.log(ended)
    assert ended["buildStatus"] == "FAILED"


def test_no_daemon_without_privileges(builds: Builds) -> None:
    ended = builds.run("docker info", privilegedModeOverride=False)
    assert "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?" in builds.log(ended)
    assert cause(ended).startswith("COMMAND_EXECUTION_ERROR: Error while executing command: docker info.")


def test_attestations_make_an_index(builds: Builds) -> None:
    ended = builds.run(LOGIN, "docker buildx create --name b --use", f"docker buildx build -t {HOST}/shop:1 --push .")
    assert ended["buildStatus"] == "SUCCEEDED", builds.log(ended)
    assert image(builds.emulated, "1")["imageManifestMediaType"] == "application/vnd.oci.image.index.v1+json"
    assert len(builds.emulated.client("ecr").describe_images(repositoryName="shop")["imageDetails"]) == 3


def test_a_builder_of_its_own_keeps_what_nobody_pushes_or_loads_and_may_export_its_cache(builds: Builds) -> None:
    builds.emulated.client("ecr").create_repository(repositoryName="shop-cache")
    roles.put(builds.emulated, "build", PUSH, building.arn("repository/shop-cache", "ecr"), name="cache")
    cache = f"type=registry,mode=max,image-manifest=true,oci-mediatypes=true,ref={HOST}/shop-cache:main"
    build = f"docker buildx build -t {HOST}/shop:1 --cache-from type=registry,ref={HOST}/shop-cache:main --cache-to {cache} ."
    ended = builds.run(LOGIN, "docker buildx create --use", build, f"docker push {HOST}/shop:1")
    assert "Build result will only remain in the build cache" in builds.log(ended)
    assert "An image does not exist locally" in builds.log(ended)
    assert len(builds.emulated.client("ecr").list_images(repositoryName="shop-cache")["imageIds"]) == 1


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
