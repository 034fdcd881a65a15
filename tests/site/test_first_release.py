"""The two ways in: the first release is a release, and an image that ran elsewhere is taken over aloud."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from emulator import process
from tests.support.emulated import Emulated
from tests.support.fargate import slowly
from tests.support.playbooks import converge, play
from tests.support.releasing import LOCAL, NAME, Releasing

from .conftest import Made

BOGUS = "sha256:" + "b" * 64
CREATE = {"version": "20260101000000", "name": "CreateOrders"}
LOST = "the live image is not in the repository any more"


def applied(emulated: Emulated) -> list[str]:
    databases: dict[str, list[str]] = process.control(emulated.state, "migrations")
    return sorted({version for versions in databases.values() for version in versions})


def test_an_image_that_does_not_exist_is_refused_before_the_first_write(emulated: Emulated) -> None:
    played = play(emulated, "site.yml", "-e", f"railyard_image={BOGUS}")
    said = " ".join(played.output.split())
    assert played.code != 0 and f"has no image {BOGUS}" in said and "the first release brings the image" in said, played.output
    assert [write for write in emulated.writes() if write != "ssm:PutParameter"] == []


def revisions(emulated: Emulated) -> dict[str, int]:
    """How many revisions there are of each family."""
    arns = emulated.client("ecs").list_task_definitions()["taskDefinitionArns"]
    return Counter(arn.rpartition("/")[2].partition(":")[0].removeprefix(f"{NAME}-") for arn in arns)


@pytest.fixture
def taken(made: Made) -> Releasing:
    """An environment that `site.yml` began with the image that the local inventory names."""
    return Releasing(made(), replace(LOCAL))


def test_an_image_that_was_taken_over_is_migrated_and_recorded_by_its_first_release(taken: Releasing) -> None:
    image = taken.live()["web"]
    taken.emulated.script(image=image, migrations=[CREATE])
    assert taken.counts() == {"web": 2, "worker": 1} and applied(taken.emulated) == []
    again = converge(taken.emulated)
    assert again.count("changed") == 0 and "no release is recorded" not in again.output and LOST not in again.output
    digest = image.partition("@")[2]
    with slowly(taken.emulated, 60.0):
        said = ("-e", f"image={digest}")
        checked = play(taken.emulated, "playbooks/deploy.yml", "--check", *said)
        assert checked.code == 0 and "would be released" in checked.output and applied(taken.emulated) == [], checked.output
        played = play(taken.emulated, "playbooks/deploy.yml", *said)
        assert played.code == 0 and applied(taken.emulated) == [CREATE["version"]], played.output
        assert play(taken.emulated, "playbooks/deploy.yml", *said).count("changed") == 0
    (first,) = taken.records()
    assert (first["digest"], first["status"], first["schema_after"]) == (digest, "succeeded", CREATE["version"])
    caller = taken.emulated.client("sts").get_caller_identity()["Arn"].split(":", 5)[-1]
    assert first["requested_by"].startswith(caller), first["requested_by"]

    newer = taken.push()
    taken.release(newer)
    assert taken.back()["back_to"] == first["number"] and taken.live()["web"] == image

    taken.emulated.client("ecr").batch_delete_image(repositoryName=NAME, imageIds=[{"imageDigest": digest}])
    told = converge(taken.emulated)
    assert LOST in told.output and told.count("changed") == 0 and "Release another image: " in told.output


def test_what_ran_before_the_first_recorded_release_is_gone_back_to(taken: Releasing) -> None:
    image, newer = taken.live()["web"], taken.push()
    before = revisions(taken.emulated)
    taken.emulated.faults({"fault": "lost", "operation": "ecs:RegisterTaskDefinition", "first": 1})
    taken.release(newer)
    taken.emulated.faults()
    assert revisions(taken.emulated) == {family: before.get(family, 0) + 1 for family in ("web", "worker", "run")}
    second, first = taken.records()
    assert (first["image"], first["status"], second["number"]) == (image, "succeeded", first["number"] + 1)
    assert taken.back()["back_to"] == first["number"] and taken.live() == {"web": image, "worker": image}


def test_a_release_that_sends_users_to_https_where_nothing_listens_is_seen_by_nobody(taken: Releasing) -> None:
    before = taken.live()
    taken.deployer.revision(before["web"], {"RAILS_ENV": "production"})
    with slowly(taken.emulated), taken.users as users:
        error = taken.refused()
    assert "in stage smoke" in error.message and "/ answers 301 and sends users to https://" in error.message, error.message
    assert "RAILS_FORCE_SSL" in error.message and set(users.statuses) == {200} and taken.live() == before


def test_the_run_that_takes_an_image_over_says_so(emulated: Emulated) -> None:
    started = converge(emulated)
    assert "no release is recorded" in started.output and " -e image=sha256:" in started.output


def test_how_lines_are_sent_is_a_setting_that_a_release_brings(taken: Releasing) -> None:
    changed = converge(taken.emulated, "-e", "ecs_log_mode=blocking")
    assert changed.changed_tasks == ["railyard.fargate.ecs : task_definitions | Register a task definition for each process"], (
        changed.output
    )
    assert "web runs an earlier configuration; the next release brings: " in changed.output
    again = converge(taken.emulated, "-e", "ecs_log_mode=blocking")
    assert again.count("changed") == 0 and "the next release brings: " in again.output
