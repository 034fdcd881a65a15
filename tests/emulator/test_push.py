"""`python -m emulator push`: a made-up image, as a newcomer types it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from emulator.product import push
from tests.support.emulated import Emulated

ROOT = Path(__file__).resolve().parents[2]
REPOSITORY = "shop-local"


def typed(emulated: Emulated, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "emulator", "push", *words, "--state", str(emulated.path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_the_same_tag_is_the_same_image_and_another_one_is_another(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName=REPOSITORY)
    first, again, other = (typed(emulated, tag) for tag in ("1", "1", "2"))
    assert first.returncode == 0 and first.stdout == again.stdout != other.stdout, first.stderr + again.stderr
    images = {image["imageTags"][0]: image["imageDigest"] for image in ecr.describe_images(repositoryName=REPOSITORY)["imageDetails"]}
    assert images == {"1": first.stdout.strip().partition("@")[2], "2": other.stdout.strip().partition("@")[2]}


def test_a_migration_is_a_version_a_class_and_whether_it_drops() -> None:
    plain = {"version": "20260131120000", "name": "AddTotal", "destructive": []}
    assert push.migration("20260131120000:AddTotal") == plain
    assert push.migration("20260131120000:AddTotal:destructive") == {**plain, "destructive": ["remove_column"]}


def test_without_a_repository_it_says_what_makes_one(emulated: Emulated) -> None:
    refused = typed(emulated, "1")
    assert refused.returncode == 1 and "has no repository shop-local in eu-west-1; site.yml makes it" in refused.stderr


@pytest.mark.parametrize("word", ["1:AddTotal", "20260131120000", "20260131120000:addTotal", "20260131120000:AddTotal:drop"])
def test_a_migration_that_cannot_be_read_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="VERSION:NAME"):
        push.migration(word)
