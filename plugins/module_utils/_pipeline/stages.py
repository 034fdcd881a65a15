# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release by a pipeline: the stages of `_release/flow.py` in three processes. The lock is the execution's until the last one has ended.

What a kill leaves is what it leaves by hand: the record says how far it came, migration and deployment are found by their tokens, and the
execution's next attempt goes on. If none comes the lock is free once CodePipeline says that the execution is over, and the next holder
resumes the scaling that is noted in it.
"""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Any

from .._codedeploy import deployment as codedeploy
from .._codepipeline import own_execution
from .._core.errors import RailyardError
from .._release import deploy as deploying
from .._release import flow, preconditions, record, rollback
from .._release.environment import WEB
from .._release.lock import Lock
from .._release.lock_state import now
from .._release.release_run import Order, Release
from . import queue
from .part import Part

ROLLBACK = "ROLLBACK"
COPIED = ("image", "digest", "commit", "author", "subject", "link", "pipeline", "execution_id", "requested_by", "reason")


def migrate(part: Part) -> None:
    """Check the preconditions, open the record, migrate once, and register the revisions. The lock stays the execution's."""
    order = part.order(image=part.image)
    with flow.locked(part.env, part.clients, order, f"releasing {_what(order)}", part.say) as held:
        queue.check(part)
        live = preconditions.read(part.env, part.clients)
        image = flow.choose(part.env, part.clients, part.image, live)
        resumed = flow.unfinished(part.env, part.clients, image, part.say)
        entry = flow.begin(part.env, part.clients, order, part.say, live, image, resumed)
        release = Release(part.env, part.clients, order, part.say, held, live, image, entry, part.clock, ready=part.ready)
        _carry_out(release, *flow.PREPARE, _prepare_idle_group)


def deploy(part: Part) -> None:
    """Deploy web by the environment's engine, and the workers. The lock stays the execution's."""
    if part.itself.get("executionType") == ROLLBACK:
        _roll_back(part)
        return
    order = part.order()
    with flow.locked(part.env, part.clients, order, f"releasing {_what(order)}", part.say) as held:
        if release := _proceed(part, order, held):
            there = flow.up_to_date(part.env, order, release.live, release.image) and "deploy" not in release.entry.value["stages"]
            if there:
                part.say(f"{release.image['uri']} is live on the newest configuration: there is nothing to deploy")
            _carry_out(release, *_left(release), *(() if there else flow.DEPLOY))


def finish(part: Part) -> None:
    """Take over what CodePipeline itself has deployed, clean up, record the release as succeeded, and release the lock."""
    order = part.order()
    with flow.locked(part.env, part.clients, order, f"releasing {_what(order)}", part.say) as held:
        if release := _proceed(part, order, held):
            flow.carry_out(release, (*_left(release), *_deployed(part, release), flow.keep))
            flow.finish(release, part.clock.now() - _seconds(release.entry.value))


def _what(order: Order) -> str:
    commit = order.source["commit"] if order.source else None
    return f"commit {commit[:12]}" if commit else order.image or "an image"


def _carry_out(release: Release, *stages: Any) -> None:
    """Run stages, and leave the lock to the execution's next stage, unless it has been stopped meanwhile."""
    flow.carry_out(release, (*stages, lambda _release: release.ready()))
    release.write(**record.paused(release.entry.value))
    release.held.goes_on = True


def _prepare_idle_group(release: Release) -> None:
    """CodePipeline's own action for CodeDeploy cannot bring a health check: it is declared on the group of the next tasks before."""
    check = release.live.settings(WEB).get("health_check")
    if release.env.engine == "codedeploy" and check:
        codedeploy.prepare_idle_group(release.clients, deploying.web_deployments(release.env, release.clients).where, check)


def _proceed(part: Part, order: Order, held: Lock) -> Release | None:
    """The release of this execution; another attempt of one that has failed. None when it is recorded as succeeded already."""
    s3, bucket = part.clients["s3"], part.env.bucket
    last = record.of_execution(s3, bucket, part.execution)
    if last is None or not record.has_migrated(s3, bucket, str(last.value["digest"])):
        raise RailyardError(f"the stage Migrate of execution {part.execution['execution_id']} has not ended well; retry that one first")
    number = last.value["number"]
    if last.value["status"] == "succeeded":
        part.say(f"release {number} is live: it was recorded before")
        return None
    live = preconditions.read(part.env, part.clients)
    image = flow.choose(part.env, part.clients, last.value["digest"], live)
    preconditions.check(part.env, part.clients, live)
    entry = last
    if last.value["status"] not in record.OPEN:
        _refuse_overtaken(part, last.value)
        schema = last.value["schema_after"]
        known = {name: value for name, value in last.value.items() if name in COPIED}
        entry = record.open_release(s3, bucket, **known, engine=part.env.engine, schema_before=schema, schema_after=schema)
        part.say(
            f"release {number} ended as {last.value['status'].replace('_', ' ')}; this is another attempt: release {entry.value['number']}"
        )
    return Release(part.env, part.clients, order, part.say, held, live, image, entry, part.clock, ready=part.ready)


def _refuse_overtaken(part: Part, value: record.Record) -> None:
    """Raises RailyardError where a later release is live: going back has commands of its own, which look at what was migrated since."""
    later = [item for item in record.releases(record.recent(part.clients["s3"], part.env.bucket)) if item["number"] > value["number"]]
    good = next((item for item in later if item["status"] == "succeeded" and item["digest"] != value["digest"]), None)
    if good:
        message = f"release {good['number']} has been released since release {value['number']} of this execution {value['status']}"
        raise RailyardError(f"{message}. Nothing was done. To go back to an earlier release: playbooks/rollback.yml")


def _left(release: Release) -> tuple[Any, ...]:
    """What Migrate does and this attempt has not done: its own revisions."""
    return () if release.finished("configure") else (flow.configure,)


def _deployed(part: Part, release: Release) -> tuple[Any, ...]:
    """What is left to do for a release whose web is deployed. Raises RailyardError when it is not."""
    if "deploy" in release.entry.value["stages"]:
        return ()
    if identity := own_execution.deployed(part.actions):
        return (partial(deploying.adopt_web, identity=identity), deploying.deploy_workers)
    if flow.up_to_date(part.env, release.order, release.live, release.image):
        return ()
    raise RailyardError(f"the stage Deploy of execution {part.execution['execution_id']} has not deployed release {release.number}")


def _seconds(value: record.Record) -> float:
    """Seconds since a release began, by the clock of those who release. Pure but for the time."""
    return (datetime.fromisoformat(now()) - datetime.fromisoformat(value["started_at"] or now())).total_seconds()


def _roll_back(part: Part) -> None:
    """CodePipeline rolls the stage back to an earlier execution: its release is released again, without migrating."""
    to = (part.itself.get("rollbackMetadata") or {}).get("rollbackTargetPipelineExecutionId", "")
    target = record.of_execution(part.clients["s3"], part.env.bucket, {**part.execution, "execution_id": to})
    if target is None or target.value["status"] != "succeeded":
        raise RailyardError(f"there is no release of execution {to} that succeeded; playbooks/releases.yml lists those that did")
    order = part.order(image=target.value["digest"], back_to=target.value["number"], migrate=False)
    rollback.guard(order, record.recent(part.clients["s3"], part.env.bucket, 0), target.value)
    flow.release(part.env, part.clients, order, part.say, part.clock)
