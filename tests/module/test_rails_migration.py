"""Migrations against the emulated AWS: what is listed, what is refused, what runs once, and what is said when it goes wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ecr import image
from ansible_collections.railyard.fargate.plugins.module_utils._ecs.followed_task import Log
from ansible_collections.railyard.fargate.plugins.module_utils._one_off import migration
from ansible_collections.railyard.fargate.plugins.module_utils._release import lock, record
from emulator import process
from tests.support import fargate
from tests.support.emulated import Emulated
from tests.support.names import option
from tests.support.releases import Deployer
from tests.support.walk import differences

BUCKET = "shop-releases"
ADD = {"version": "20260101000000", "name": "AddTotalToOrders", "seconds": 5}
DROP = {"version": "20260102000000", "name": "RemoveNote", "destructive": ["remove_column"], "seconds": 5}
PLACE: dict[str, Any] = {"names": option(ecs_name="shop", ecr_name="shop", ecs_prefix="/shop", releases_bucket=BUCKET)}
WAITING = [
    {"version": ADD["version"], "name": "AddTotalToOrders", "destructive": []},
    {"version": DROP["version"], "name": "RemoveNote", "destructive": ["remove_column"]},
]


@pytest.fixture
def made(emulated: Emulated) -> fargate.Fargate:
    """A service web of an image in a repository, and the bucket of the releases."""
    made = fargate.build(emulated)
    emulated.client("ecr").create_repository(repositoryName="shop")
    emulated.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    made.define(containerDefinitions=[{**fargate.CONTAINER, "image": Deployer(emulated, "shop").push("1a2b3c4")}])
    made.ecs.create_service(**made.service(desiredCount=0))
    return made


def tasks(made: fargate.Fargate) -> list[str]:
    """Everything that was started."""
    return [arn for status in ("RUNNING", "STOPPED") for arn in made.ecs.list_tasks(cluster="shop", desiredStatus=status)["taskArns"]]


def applied(made: fargate.Fargate) -> list[str]:
    found: dict[str, list[str]] = process.control(made.emulated.state, "migrations")
    return found.get("shop", [])


def run(made: fargate.Fargate, check: bool = False, **changes: Any) -> dict[str, Any]:
    return made.emulated.run("rails_migration", check=check, **{**PLACE, **changes})


def test_list_migrate_and_again(made: fargate.Fargate, tmp_path: Any) -> None:
    made.emulated.script(image="*/shop@*", migrations=[ADD])
    checked = run(made, check=True)
    assert not checked["changed"] and checked["pending"] is None and differences("rails_migration", checked) == [], checked
    assert tasks(made) == [] and "ecs:RegisterTaskDefinition" not in made.emulated.writes()[-1:]

    listed = run(made, list=True)
    assert not listed["changed"] and listed["pending"] == WAITING[:1] and listed["applied"] == [] == applied(made), listed
    assert differences("rails_migration", listed) == [] and listed["schema_before"] is None

    progress = tmp_path / "progress"
    migrated = run(made, progress=str(progress))
    assert migrated["changed"] and migrated["applied"] == [ADD["version"]] == applied(made), migrated
    assert (migrated["schema_before"], migrated["schema_after"], migrated["destructive_migrations"]) == (None, ADD["version"], [])
    assert differences("rails_migration", migrated) == [] and migrated["image"]["tags"] == ["1a2b3c4"]
    assert migrated["task"]["task_definition"].endswith("/shop-run:1") and migrated["diff"]["after"] == {"schema": ADD["version"]}
    said = progress.read_text().splitlines()
    assert "pending: 20260101000000 AddTotalToOrders" in said and not [line for line in said if "railyard: " in line]
    assert lock.find(made.emulated.client("s3"), BUCKET) is None

    again = run(made)
    assert not again["changed"] and again["pending"] == [] and again["schema_before"] == again["schema_after"] == ADD["version"], again


def test_what_drops_is_refused_where_it_was_not_asked_for(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", migrations=[ADD, DROP])
    refused = run(made, token="7-sha256:1")
    assert refused["failed"] and refused["kind"] == "destructive_migrations" and applied(made) == [], refused
    assert "1 of 2 pending" in refused["msg"] and "20260102000000 RemoveNote: remove_column" in refused["msg"]
    assert "-e allow_destructive_migrations=yes" in refused["msg"] and refused["pending"] == WAITING
    assert lock.find(made.emulated.client("s3"), BUCKET) is None

    asked = run(made, token="7-sha256:1", allow_destructive_migrations=True)
    assert asked["applied"] == [ADD["version"], DROP["version"]] == applied(made) and asked["destructive_migrations"] == [
        DROP["version"]
    ], asked


def test_an_environment_that_is_not_protected_is_not_asked(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", migrations=[DROP])
    assert run(made, protected=False)["destructive_migrations"] == [DROP["version"]] == applied(made)


def test_a_migration_that_fails_says_which_and_why(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", migrations=[ADD, {**DROP, "fails": True, "error": "PG::LockNotAvailable: ERROR"}])
    failed = run(made, allow_destructive_migrations=True)
    assert failed["failed"] and failed["kind"] == "failed" and failed["exit_code"] == 1, failed
    assert "migration 20260102000000 RemoveNote has failed; applied before it: 20260101000000" in failed["msg"]
    assert "  StandardError: An error has occurred" in failed["msg"] and "  PG::LockNotAvailable: ERROR" in failed["msg"]
    assert (failed["applied"], failed["schema_after"], failed["destructive_migrations"]) == (
        [ADD["version"]],
        ADD["version"],
        [],
    ) and "railyard:" not in failed["msg"]
    assert lock.find(made.emulated.client("s3"), BUCKET) is None


@pytest.mark.parametrize(
    ("script", "kind", "words"),
    [
        ({"reason": "CannotPullContainerError: manifest unknown"}, "never_started", ["nothing was migrated", "never started"]),
        ({"failure": "Capacity is unavailable at this time."}, "refused", ["nothing was migrated", "Capacity is unavailable"]),
        (
            {"exit_code": 137, "exit_reason": "OutOfMemoryError: Container killed due to memory usage", "seconds": 2.0},
            "failed",
            ["ran out of memory", "Applied for certain: nothing", "Whether it has migrated is not known"],
        ),
        ({"exit_code": 1, "lines": ["exec: bin/rails: not found"], "seconds": 1.0}, "failed", ["  exec: bin/rails: not found"]),
        ({"seconds": 5000.0}, "timeout", ["not ended after 60 s", "nothing is tried again"]),
    ],
)
def test_how_a_task_can_go_wrong(made: fargate.Fargate, script: dict[str, Any], kind: str, words: list[str]) -> None:
    made.emulated.script(image="*/shop@*", **script)
    following = Following(made)
    with fargate.slowly(made.emulated), pytest.raises(RailyardError) as caught:
        following.migrate(wait_timeout=60)
    assert caught.value.details["kind"] == kind and all(text in caught.value.message for text in words), caught.value.message
    assert applied(made) == []


class Following:
    """`migrate` without a module, in AWS's own time."""

    def __init__(self, made: fargate.Fargate) -> None:
        self.made, self.passed, self.said = made, 0.0, list[str]()
        self.clients = {name: made.emulated.client(name) for name in ("ecs", "ecr", "logs", "s3")}

    def sleep(self, seconds: float) -> None:
        self.passed += seconds
        self.made.emulated.advance(seconds)

    def killed_after(self, seconds: float) -> Callable[[], None]:
        until = self.passed + seconds

        def heartbeat() -> None:
            if self.passed >= until:
                raise KeyboardInterrupt

        return heartbeat

    def migrate(self, heartbeat: Callable[[], None] = lambda: None, **changes: Any) -> dict[str, Any]:
        resolved = image.resolve(self.clients["ecr"], "shop", None, "X86_64")
        wanted = {"log_group": "/shop/run", "cluster": "shop", "service": "web", "image": resolved, "protected": True, **changes}
        done: dict[str, Any] = migration.migrate(self.clients, wanted, self.said.append, heartbeat, Clock(lambda: self.passed, self.sleep))
        return done


def test_the_same_key_is_one_task(made: fargate.Fargate) -> None:
    """Also when the first one was killed while the task ran, and when the migration has failed."""
    made.emulated.script(image="*/shop@*", migrations=[{**ADD, "seconds": 60}])
    following = Following(made)
    with fargate.slowly(made.emulated):
        with pytest.raises(KeyboardInterrupt):
            following.migrate(token="7-sha256:1", heartbeat=following.killed_after(30))
        assert applied(made) == [] and len(tasks(made)) == 1
        first, second = (following.migrate(token="7-sha256:1") for _ in range(2))
        assert first["task"]["task_arn"] == second["task"]["task_arn"] and second["applied"] == [ADD["version"]] == applied(made)
        assert len(tasks(made)) == 1

        made.emulated.script(image="*/shop@*", migrations=[{**ADD, "version": "20260105000000", "fails": True}])
        ends = []
        for _ in range(2):
            with pytest.raises(RailyardError) as caught:
                following.migrate(token="8-sha256:1")
            ends.append(caught.value.details["task_arn"])
        assert ends[0] == ends[1] and len(tasks(made)) == 2


def test_a_task_that_says_nothing_of_migrations(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", lines=["railyard: {cut", "hello"], seconds=2.0)
    with fargate.slowly(made.emulated), pytest.raises(RailyardError) as caught:
        Following(made).migrate()
    assert "has not said what it did" in caught.value.message and "  hello" in caught.value.message


def test_lines_that_come_late_are_waited_for(made: fargate.Fargate, monkeypatch: pytest.MonkeyPatch) -> None:
    """CloudWatch Logs shows the last lines seconds after the task has stopped."""
    made.emulated.script(image="*/shop@*", migrations=[ADD])
    following, new = Following(made), Log.new

    def late(log: Log) -> list[str]:
        lines = new(log)
        return lines if following.passed > 120 else [line for line in lines if "applied" not in line]

    monkeypatch.setattr(Log, "new", late)
    with fargate.slowly(made.emulated):
        following.passed = 85.0
        assert following.migrate()["applied"] == [ADD["version"]]


BOTH = [str(ADD["version"]), str(DROP["version"])]
LAST = {"version": "20260103000000", "name": "AddIndex", "fails": True, "error": "PG::Boom"}


@pytest.mark.parametrize("late", [2, 5, 20])
def test_a_failure_whose_lines_come_late_says_what_was_applied(made: fargate.Fargate, late: float) -> None:
    """Seconds after the task has stopped; all its migrations were done in the seconds that come late."""
    quick = [{**item, "seconds": 0.5} for item in (ADD, DROP, LAST)]
    made.emulated.script(image="*/shop@*", migrations=quick, late=late)
    with fargate.slowly(made.emulated), pytest.raises(RailyardError) as caught:
        Following(made).migrate(allow_destructive_migrations=True)
    assert applied(made) == BOTH
    details = caught.value.details
    assert (details["applied"], details["destructive_migrations"], details["schema_after"]) == (BOTH, BOTH[1:], DROP["version"]), (
        caught.value.message
    )
    assert f"applied before it: {', '.join(BOTH)}" in caught.value.message and not details["destructive_migrations_unknown"]


@pytest.mark.parametrize(("seconds", "destructive", "unknown"), [(10, BOTH[1:], False), (0.5, [], True)])
def test_a_failure_whose_end_is_never_shown_is_not_known(
    made: fargate.Fargate, seconds: float, destructive: list[str], unknown: bool
) -> None:
    """What is pending was seen in time by the slow ones; of the quick ones nothing was."""
    made.emulated.script(image="*/shop@*", migrations=[{**item, "seconds": seconds} for item in (ADD, DROP, LAST)], late=4000)
    with fargate.slowly(made.emulated), pytest.raises(RailyardError) as caught:
        Following(made).migrate(allow_destructive_migrations=True)
    error = caught.value
    assert applied(made) == BOTH and "nothing was applied" not in error.message and "is not known" in error.message, error.message
    assert (error.details["destructive_migrations"], error.details["destructive_migrations_unknown"], error.details["schema_after"]) == (
        destructive,
        unknown,
        None,
    )


def test_a_refusal_whose_lines_come_late_names_what_drops(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", migrations=[ADD, DROP], late=10)
    with fargate.slowly(made.emulated), pytest.raises(RailyardError) as caught:
        Following(made).migrate()
    assert "1 of 2 pending" in caught.value.message and "RemoveNote: remove_column" in caught.value.message


def test_a_refusal_whose_lines_are_never_shown_counts_nothing(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", migrations=[ADD, DROP], late=4000)
    with fargate.slowly(made.emulated), pytest.raises(RailyardError) as caught:
        Following(made).migrate()
    assert "0 of 0" not in caught.value.message and "is in the log: https://" in caught.value.message
    assert caught.value.details["kind"] == "destructive_migrations" and not caught.value.details["destructive_migrations_unknown"]


def test_a_long_list_that_comes_in_parts_is_waited_for_as_a_whole(made: fargate.Fargate) -> None:
    many = [{"version": f"202601010000{number:02d}", "name": f"Add{number}", "seconds": 0.1} for number in range(60)]
    made.emulated.script(image="*/shop@*", migrations=[*many, LAST], late=10)
    with fargate.slowly(made.emulated), pytest.raises(RailyardError) as caught:
        Following(made).migrate()
    assert len(caught.value.details["pending"]) == 61 and len(caught.value.details["applied"]) == 60


def test_no_line_of_a_migration_is_lost_where_the_account_lets_them(made: fargate.Fargate) -> None:
    """ECS's own default for log drivers is non-blocking."""
    made.emulated.script(image="*/shop@*", migrations=[ADD], dropped="*")
    with fargate.slowly(made.emulated):
        assert Following(made).migrate()["applied"] == [ADD["version"]]


def records(made: fargate.Fargate) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = record.recent(made.emulated.client("s3"), BUCKET)
    return found


def test_a_migration_is_recorded_among_the_releases(made: fargate.Fargate) -> None:
    """Well or not, and first of all what was live before it; a listing and a check are not."""
    made.emulated.script(image="*/shop@*", migrations=[ADD, DROP])
    run(made, check=True)
    run(made, list=True)
    assert records(made) == []
    run(made)
    refused, live = records(made)
    assert (live["kind"], live["status"], live["number"], live["digest"]) == ("release", "succeeded", 1, refused["digest"])
    assert (refused["kind"], refused["status"], refused["destructive_migrations"], refused["requested_by"]) == (
        "migration",
        "failed",
        [],
        "somebody",
    )
    assert not refused["destructive_migrations_unknown"] and "drop or rename" in refused["result"]

    run(made, allow_destructive_migrations=True, requested_by="deborah")
    done = records(made)[0]
    assert (done["number"], done["status"], done["destructive_migrations"], done["schema_after"]) == (
        3,
        "succeeded",
        [DROP["version"]],
        DROP["version"],
    )
    assert (
        done["requested_by"] == "deborah"
        and done["result"] == "2 applied"
        and not done["destructive_migrations_unknown"]
        and record.migrated(done)
    )


def test_what_a_migration_without_an_end_has_dropped_is_recorded_as_not_known(made: fargate.Fargate) -> None:
    quick = [{**item, "seconds": 0.1} for item in (ADD, DROP, LAST)]
    made.emulated.script(image="*/shop@*", migrations=quick, late=1e6, exit_reason="OutOfMemoryError")
    run(made, allow_destructive_migrations=True)
    assert applied(made) == BOTH and records(made)[0]["destructive_migrations_unknown"] and records(made)[0]["status"] == "failed"


def test_a_migration_that_was_killed_is_not_known_until_the_same_one_goes_on(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", migrations=[ADD, DROP])
    s3 = made.emulated.client("s3")
    digest = image.resolve(made.emulated.client("ecr"), "shop", None, "X86_64")["digest"]
    known = {"kind": "migration", "digest": digest, "token": "7", "destructive_migrations_unknown": True}
    record.open_release(s3, BUCKET, **known)
    assert run(made, allow_destructive_migrations=True, token="7")["applied"] == BOTH
    assert [(item["number"], item["destructive_migrations_unknown"], item["destructive_migrations"]) for item in records(made)] == [
        (1, False, BOTH[1:])
    ]
    record.open_release(s3, BUCKET, **known)
    run(made, allow_destructive_migrations=True)
    found = [(item["status"], item["destructive_migrations_unknown"]) for item in records(made) if item["kind"] == "migration"]
    assert found == [("succeeded", False), ("failed", True), ("succeeded", False)]


@pytest.mark.parametrize(
    ("command", "recorded"),
    [
        ("bin/rails db:migrate", True),
        (["sh", "-c", "bin/rails db:seed && bin/rails db:rollback STEP=2"], True),
        ("bin/rails db:schema:load", True),
        ("bin/rails db:seed", False),
        ("bin/rails db:migrate:status", False),
    ],
)
def test_a_command_that_changes_the_schema_is_recorded(made: fargate.Fargate, command: Any, recorded: bool) -> None:
    """What it has dropped it tells nobody."""
    assert not made.emulated.run("ecs_run_task", command=command, requested_by="deborah", **PLACE).get("failed")
    found = [item for item in records(made) if item["kind"] == "migration"]
    assert len(found) == recorded and all(item["destructive_migrations_unknown"] and not record.migrated(item) for item in found)
    assert not recorded or ("db:" in found[0]["reason"] and found[0]["requested_by"] == "deborah")
    assert lock.find(made.emulated.client("s3"), BUCKET) is None


def test_a_command_that_never_ran_has_dropped_nothing(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", reason="CannotPullContainerError: manifest unknown")
    assert made.emulated.run("ecs_run_task", command="bin/rails db:migrate", **PLACE)["kind"] == "never_started"
    assert (records(made)[0]["status"], records(made)[0]["destructive_migrations_unknown"]) == ("failed", False)


@pytest.fixture
def busy(made: fargate.Fargate) -> Iterator[fargate.Fargate]:
    """Somebody else migrates."""
    held = lock.acquire(made.emulated.client("s3"), BUCKET, "deborah", "migrating shop:2")
    yield made
    held.release()


def test_the_second_person_is_told_who_migrates(busy: fargate.Fargate) -> None:
    busy.emulated.script(image="*/shop@*", migrations=[ADD])
    refused = run(busy)
    assert refused["failed"] and "deborah on " in refused["msg"] and "is migrating shop:2 since" in refused["msg"], refused
    assert tasks(busy) == [] and applied(busy) == []
    assert run(busy, list=True)["pending"] == WAITING[:1]


def test_past_the_lock_rails_own_keeps_two_apart(made: fargate.Fargate) -> None:
    made.emulated.script(image="*/shop@*", migrations=[{**ADD, "seconds": 3000}])
    override = {"name": "web", "command": ["bin/rails", "db:migrate"]}
    with fargate.slowly(made.emulated):
        made.run(overrides={"containerOverrides": [override]})
        made.emulated.advance(30)
        with pytest.raises(RailyardError) as caught:
            Following(made).migrate()
    assert "ActiveRecord::ConcurrentMigrationError" in caught.value.message and "another migration process" in caught.value.message
