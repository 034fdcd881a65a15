# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A release from beginning to end, called by a module or without Ansible.

lock, pre-flight, migrate, configure, deploy, smoke, shift, workers, keep, unlock. Everything can be repeated after a kill: the record says
which stage the last attempt reached, migration and deployment are found by their tokens, and the other stages are idempotent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from .._core import aws
from .._core.clock import REAL, Clock, time_of_day
from .._core.errors import RailyardError
from .._core.interruption import Interrupted
from .._core.progress import Say
from .._ecr import image as images
from .._ecr.image import Image
from .._ecs import revisions
from .._one_off import migration
from .._one_off.migrate_rb import ALL
from .._s3.store import Stored
from . import deploy, failures, lock, lock_state, preconditions, record, retention, schema_changes
from .environment import WEB, Clients, Environment
from .lock import Heartbeat, Lock
from .preconditions import Live
from .release_run import Order, Release


def release(env: Environment, clients: Clients, order: Order, say: Say, clock: Clock = REAL) -> dict[str, Any]:
    """Release an image. Returns {changed, release (its record or None), image, …}.

    Raises RailyardError with what happened, what is live, and what to type next.
    """
    doing = f"going back to release {order.back_to}" if order.back_to else f"releasing {order.image or 'the newest configuration'}"
    with locked(env, clients, order, doing, say) as held:
        live = preconditions.read(env, clients)
        image = choose(env, clients, order.image, live)
        resumed = unfinished(env, clients, image, say)
        if resumed is None and up_to_date(env, order, live, image) and not unmigrated(env, clients, order, image):
            say(f"{image['uri']} is live on the newest configuration: there is nothing to release")
            return {"changed": False, "release": None, "image": image}
        entry = begin(env, clients, order, say, live, image, resumed)
        return work(Release(env, clients, order, say, held, live, image, entry, clock))


def begin(
    env: Environment, clients: Clients, order: Order, say: Say, live: Live, image: Image, resumed: Stored[record.Record] | None
) -> Stored[record.Record]:
    """Check the preconditions, and open the record of a release, or go on with the one that was interrupted."""
    preconditions.check(env, clients, live)
    if resumed is not None:
        return record.update(clients["s3"], env.bucket, resumed, **order.origin)
    if live.digest != image["digest"]:
        schema_changes.note_live(clients, env.bucket, live.services, order.requested_by, say)
    return record.open_release(clients["s3"], env.bucket, **_known(env, order, image))


def preview(env: Environment, clients: Clients, order: Order) -> dict[str, Any]:
    """What `release` would do, without the lock and without a write."""
    live = preconditions.read(env, clients)
    image = choose(env, clients, order.image, live)
    changed = not up_to_date(env, order, live, image) or unmigrated(env, clients, order, image)
    if changed:
        preconditions.check(env, clients, live)
    return {"changed": changed, "release": None, "image": image}


@contextmanager
def locked(env: Environment, clients: Clients, order: Order, doing: str, say: Say) -> Iterator[Lock]:
    """The lock, with heartbeats. Scaling that this holder or a former one has suspended is resumed in every outcome."""
    said, ask = (order.requested_by, doing, order.lock_timeout), lock.asking(clients)
    held = lock.acquire(clients["s3"], env.bucket, *said, say, execution=order.execution, ask=ask)
    if held.left:
        say(lock_state.taken_over(held.left))
    finished = False
    try:
        with Heartbeat(held):
            try:
                yield held
            finally:
                deploy.resume_scaling(env, clients, held, say)
        finished = True
    except (RailyardError, Interrupted):
        finished = not held.value.get("scaling")
        raise
    finally:
        held.release(finished)


def choose(env: Environment, clients: Clients, asked: str | None, live: Live) -> Image:
    """The image to release."""
    wanted = asked or live.digest
    if wanted is None:
        raise RailyardError(f"{env.name} has no release yet; name the image of the first one: -e image=<tag or digest>")
    return images.resolve(clients["ecr"], env.repository, wanted, env.architecture)


def unfinished(env: Environment, clients: Clients, image: Image, say: Say) -> Stored[record.Record] | None:
    """The record of a release that was killed, when this one is the same. Another's is closed, and so is that of a migration."""
    same = None
    for last in record.unclosed(clients["s3"], env.bucket):
        number, stage = last.value["number"], last.value["stage"] or "its beginning"
        if last.value["kind"] == record.MIGRATION:
            schema_changes.close_record(clients, env.bucket, last)
        elif last.value["digest"] == image["digest"]:
            say(f"going on with release {number}, which was interrupted in {stage}")
            same = last
        else:
            result = f"interrupted in {stage}; another image was released then"
            record.update(clients["s3"], env.bucket, last, **record.ended(last.value, "failed", result))
            say(f"release {number} was interrupted in {stage}; this one takes its place")
    return same


def unmigrated(env: Environment, clients: Clients, order: Order, image: Image) -> bool:
    """Whether the image's migrations are still to be run: there is no record that they were."""
    return order.migrate and not order.back_to and not record.has_migrated(clients["s3"], env.bucket, image["digest"])


def up_to_date(env: Environment, order: Order, live: Live, image: Image) -> bool:
    """Whether every process already runs this image with the newest configuration, so that a deployment would change nothing."""
    if order.force:
        return False
    plans = {name: live.plan(name, image["uri"]) for name in env.processes}
    running = {name: live.services[name].get("live_task_definition") for name in env.processes}
    same = all(not plan.changed and plan.after == running[name] for name, plan in plans.items())
    return not live.first and same and not any(live.waiting(name) for name in env.processes)


def _known(env: Environment, order: Order, image: Image) -> dict[str, Any]:
    return {
        "image": image["uri"],
        "digest": image["digest"],
        "commit": image["commit"],
        "engine": env.engine,
        "requested_by": order.requested_by,
        "reason": order.reason,
        "back_to": order.back_to,
        **order.origin,
    }


def work(release: Release) -> dict[str, Any]:
    """All stages of a release, or those that are left, and its end."""
    began, there = release.clock.now(), up_to_date(release.env, release.order, release.live, release.image)
    # An image that is live but was never migrated needs no more than that.
    carry_out(release, PREPARE if there and "deploy" not in release.entry.value["stages"] else (*PREPARE, *DEPLOY, keep))
    return finish(release, began)


def carry_out(release: Release, stages: tuple[Callable[[Release], None], ...]) -> None:
    """Run stages in order. An error is recorded before it is raised."""
    release.held.note(release=release.number)
    try:
        for stage in stages:
            stage(release)
    except RailyardError as error:
        raise failures.failed(release, error) from error
    except Interrupted as end:
        raise failures.interrupted(release, end) from end


def finish(release: Release, began: float) -> dict[str, Any]:
    """Record that a release is live; the result. `began`: when it did, by the release's clock."""
    release.write(**record.ended(release.entry.value, "succeeded", f"{release.image['uri']} is live"))
    release.held.note(release=None)
    release.say(f"{time_of_day()} release {release.number} is live after {release.clock.now() - began:.0f} s: {release.image['uri']}")
    return {"changed": True, "release": release.entry.value, "image": release.image, **release.notes}


def migrate(release: Release) -> None:
    """Migrate once, in a task of the new image: an attempt after a kill finds the same task by its token."""
    if not release.order.migrate or release.order.back_to or release.finished("migrate"):
        return
    release.ready()
    wanted = {
        "cluster": release.env.cluster,
        "service": WEB,
        "image": release.image,
        "log_group": release.env.names.log_groups["run"],
        "protected": release.env.protected,
        "allow_destructive_migrations": release.order.allow_destructive_migrations,
        "token": f"{release.number}-{release.image['digest']}",
        "requested_by": f"release-{release.number}",
    }
    # Until the task has reported its end, also after a kill, it is not known what it has dropped.
    release.enter("migrate", destructive_migrations_unknown=migration.mode_of(wanted) == ALL)
    try:
        found = migration.migrate(release.clients, wanted, release.say, release.held.check, release.clock, release.ready)
    except RailyardError as error:
        # What was applied, or may have been, stays applied, and a rollback must know it.
        release.write(**record.outcome(error.details))
        raise
    release.write(**record.outcome(found))
    release.notes["migration"] = found


def configure(release: Release) -> None:
    """Register a revision of each process with the image, unless there is one. The image is protected from deletion first."""
    release.enter("configure")
    env, clients = release.env, release.clients
    retention.protect(clients["ecr"], env.repository, release.image["digest"], release.number)
    release.held.check()
    made = aws.concurrently(lambda name: revisions.register(clients["ecs"], release.live.plan(name, release.image["uri"])), env.processes)
    release.write(task_definitions=dict(zip(env.processes, made, strict=True)))


def keep(release: Release) -> None:
    """Delete what no release needs. An error is reported, but does not fail the release."""
    release.enter("keep")
    try:
        older = record.recent(release.clients["s3"], release.env.bucket)
        records = [release.entry.value, *(item for item in record.releases(older) if item["number"] != release.number)]
        release.notes["removed"] = retention.clean_up(release.clients, release.env, records, release.live.owner)
    except RailyardError as error:
        release.say(f"old revisions and images stay for now: {error.message}")


PREPARE = (migrate, configure)
DEPLOY = (deploy.deploy_web, deploy.deploy_workers)
