# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Scaling and the number of tasks during a release. Application Auto Scaling is silent meanwhile, and speaks again in every outcome."""

from __future__ import annotations

from .._autoscaling import suspension
from .._core import aws
from .._core.progress import Say
from .at_work import Release
from .environment import Clients, Environment
from .lock import Lock


def silence(release: Release) -> None:
    """Suspend scaling. What it was is noted before, so that whoever takes the lock over can give it back."""
    client, name = release.clients["application-autoscaling"], release.env.name
    was = release.held.value.get("scaling") or suspension.read(client, name, list(release.env.processes))
    if was:
        release.held.note(scaling=was)
        suspension.silence(client, name, was)


def resume(env: Environment, clients: Clients, held: Lock, say: Say) -> None:
    """Give scaling back what it had before this release, or the one whose lock was taken over, has suspended it."""
    was = held.value.get("scaling")
    if not was or held.lost.is_set():
        return
    changed = suspension.resume(clients["application-autoscaling"], env.name, was)
    held.note(scaling=None)
    if changed:
        say(f"scaling of {', '.join(changed)} is resumed")


def raise_count(release: Release, process: str) -> bool:
    """Bring the number of tasks up to the declared least one: a service waits for its first release with none. Whether it was lower."""
    least = release.env.processes[process]["min"]
    if release.live.services[process]["desired_count"] >= least:
        return False
    release.say(f"{process}: {least} tasks instead of {release.live.services[process]['desired_count']}")
    _count(release, process, least)
    return True


def lower_count(release: Release, process: str) -> None:
    """Back to what it was before `raise_count`: nothing is live that could run."""
    _count(release, process, release.live.services[process]["desired_count"])


def _count(release: Release, process: str, number: int) -> None:
    aws.call(release.clients["ecs"], "UpdateService", cluster=release.env.name, service=process, desiredCount=number)


def raise_limits(release: Release) -> None:
    """From now on nothing is scaled below the declared least number, as `site` has it for an environment with a release."""
    client, env = release.clients["application-autoscaling"], release.env
    for process, limits in suspension.read(client, env.name, list(env.processes)).items():
        least = env.processes[process]["min"]
        if limits["min"] < least:
            aws.call(client, "RegisterScalableTarget", **suspension.identity(env.name, process), MinCapacity=least)
