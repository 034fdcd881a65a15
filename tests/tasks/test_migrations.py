"""What scripts say of migrations, and what Rails does on PostgreSQL: the same tests, by our runner of it and by Rails' own task."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._one_off import migrate_rb
from emulator import process
from tests.support import fargate, groups
from tests.support.twins import Twins
from tests.tasks.conftest import Folders
from tests.tasks.test_postgres import create

CREATE = {"version": "20250101000000", "name": "CreateOrders", "destructive": []}
ADD = {"version": "20260131120000", "name": "AddNoteToOrders", "destructive": []}
FAIL = {"version": "20260131130000", "name": "AddItemToOrders", "destructive": []}
DROP = {"version": "20260131140000", "name": "RemoveGiftFromOrders", "destructive": ["remove_column"]}
SLOW = {"version": "20260131150000", "name": "SleepAWhile", "destructive": []}
DUPLICATE = 'PG::DuplicateColumn: ERROR:  column "item" of relation "orders" already exists'
Pushed = Callable[..., str]


@pytest.fixture
def image(stage: Twins, folders: Folders) -> Pushed:
    """An image with these migrations."""

    def push(*migrations: dict[str, Any]) -> str:
        name = f"shop:{len(stage.images)}"
        stage.images.append(name)
        if stage.executor == "script":
            said = [{**each, "fails": each is FAIL, "error": DUPLICATE, "seconds": 4 if each is SLOW else 1} for each in migrations]
            stage.emulated.script(image=name, migrations=said)
        else:
            folder = folders(tuple(each["name"] for each in migrations))
            process.control(stage.emulated.state, "programs", **{name: {"folder": str(folder), "command": ["bin/rails", "server"]}})
        return name

    return push


@pytest.fixture
def url(stage: Twins) -> str:
    return create(stage)


def container(url: str, mode: str) -> dict[str, Any]:
    given = {"DATABASE_URL": url, "RAILS_ENV": "production", "RAILS_LOG_TO_STDOUT": "1", "RAILS_MASTER_KEY": "0" * 32}
    if mode:
        given[migrate_rb.VARIABLE] = mode
    command = migrate_rb.command() if mode else ["bin/rails", "db:migrate"]
    return {"command": command, "environment": [{"name": name, "value": value} for name, value in given.items()]}


def ended(stage: Twins, arn: str) -> tuple[int, list[str], list[dict[str, Any]]]:
    """Exit code, lines, and what our runner said."""
    code, lines = stage.stage.ended(arn)["containers"][0]["exitCode"], stage.lines(arn)
    return code, lines, [json.loads(line.removeprefix("railyard: ")) for line in lines if line.startswith("railyard: ")]


def migrate(stage: Twins, image: str, url: str, mode: str) -> tuple[int, list[str], list[dict[str, Any]]]:
    return ended(stage, stage.begin(image, container=container(url, mode)))


def test_pending_migrations_are_listed_and_then_run(stage: Twins, image: Pushed, url: str) -> None:
    both = image(CREATE, ADD)
    code, lines, said = migrate(stage, both, url, "list")
    assert (code, said) == (0, [{"version": None, "pending": [CREATE, ADD]}]), lines
    code, lines, said = migrate(stage, both, url, "safe")
    assert (code, said[1]) == (0, {"version": ADD["version"], "applied": [CREATE["version"], ADD["version"]]}), lines
    heads = [line for line in lines if line.startswith("== ") and "migrating" in line]
    assert heads == [f"== {each['version']} {each['name']}: migrating ".ljust(79, "=") for each in (CREATE, ADD)]
    assert migrate(stage, both, url, "list")[2] == [{"version": ADD["version"], "pending": []}]


def test_a_migration_that_fails_leaves_those_before_it(stage: Twins, image: Pushed, url: str) -> None:
    code, lines, said = migrate(stage, image(CREATE, FAIL), url, "all")
    assert (code, said[-1]) == (1, {"version": CREATE["version"], "applied": [CREATE["version"]]}), lines
    assert any(DUPLICATE in line for line in lines)


def test_the_safe_mode_refuses_what_drops_and_the_other_runs_it(stage: Twins, image: Pushed, url: str) -> None:
    migrate(stage, image(CREATE, ADD), url, "all")
    drops = image(CREATE, ADD, DROP)
    code, lines, said = migrate(stage, drops, url, "safe")
    assert (code, said) == (65, [{"version": ADD["version"], "pending": [DROP]}]), lines
    code, lines, said = migrate(stage, drops, url, "all")
    assert (code, said[-1]) == (0, {"version": DROP["version"], "applied": [DROP["version"]]}), lines


def test_rails_own_task_migrates(stage: Twins, image: Pushed, url: str) -> None:
    code, lines, _ = migrate(stage, image(CREATE), url, "")
    assert code == 0 and any(line.startswith("== 20250101000000 CreateOrders: migrated") for line in lines), lines


def test_of_two_at_once_the_second_is_refused(stage: Twins, image: Pushed, url: str) -> None:
    migrate(stage, image(CREATE), url, "all")
    slow = image(CREATE, SLOW)
    stage.stage.define(containerDefinitions=[{**fargate.CONTAINER, "image": slow, **container(url, "all")}])
    arns = [task["taskArn"] for task in stage.stage.ecs.run_task(**stage.stage.task(count=2))["tasks"]]
    codes = sorted(ended(stage, arn)[0] for arn in arns)
    lines = [line for arn in arns for line in stage.lines(arn)]
    assert codes == [0, 1]
    assert any("ActiveRecord::ConcurrentMigrationError" in line for line in lines), lines


def test_a_database_that_security_groups_close_is_not_reached(stage: Twins, image: Pushed) -> None:
    closed = groups.make(stage.emulated, stage.stage.vpc, "closed")
    url = create(stage, VpcSecurityGroupIds=[closed])
    arn = stage.begin(image(CREATE), container=container(f"{url}&connect_timeout=2", "all"))
    stage.until(arn, "STOPPED")
    code, lines, _ = ended(stage, arn)
    assert code == 1 and any("ActiveRecord::ConnectionNotEstablished: connection to server at " in line for line in lines), lines
