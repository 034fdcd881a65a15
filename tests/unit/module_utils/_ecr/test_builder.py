"""What builders are called with."""

from __future__ import annotations

from ansible_collections.railyard.fargate.plugins.module_utils._ecr import builder

ORDER = builder.Order(("--platform", "linux/arm64", "--provenance=false", "--sbom=false", "--target", "web"), "host/shop:1", "app")


def test_docker_builds_and_pushes_at_once() -> None:
    (command,) = builder.commands("docker", ORDER)
    assert command == ["docker", "buildx", "build", *ORDER.options, "--tag", "host/shop:1", "--push", "app"]


def test_buildah_is_not_told_of_attestations() -> None:
    build, push = builder.commands("buildah", ORDER)
    assert build == [*("buildah", "build", "--layers", "--platform", "linux/arm64", "--target", "web", "--tag", "host/shop:1"), "app"]
    assert push == ["buildah", "push", "host/shop:1"]


def test_no_password_is_among_the_words() -> None:
    assert builder.login("buildah", "host") == ["buildah", "login", "--username", "AWS", "--password-stdin", "host"]
