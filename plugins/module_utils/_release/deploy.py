# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Deploy the services of a release: web with a smoke test before the traffic moves, then the workers. Auto-scaling is paused meanwhile, and
resumed in every outcome.

Workers have no load balancer: ECS replaces their tasks, and goes back by itself when new ones do not start.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from .._autoscaling import suspension
from .._core import aws
from .._core.errors import RailyardError
from .._core.progress import Say
from .._deployment import deployments, start
from .._deployment.deployment import arrived, identity_of
from .._deployment.deployments import Deployments
from .._deployment.follow import Following, failure, follow, undo
from .._ecs import steady
from .._environment.description import SmokeRequest, SmokeTest
from . import smoke, watched
from .environment import WEB, Clients, Environment
from .lock import Lock
from .release_run import Release

PATIENCE = 900


def web_deployments(env: Environment, clients: Clients) -> Deployments:
    """The deployments of the web service, by the environment's engine."""
    if env.engine == "codedeploy":
        return deployments.of_codedeploy(clients, env.names.codedeploy, WEB)
    return deployments.of_ecs(clients, env.cluster, WEB)


def wanted_of_web(release: Release) -> dict[str, Any]:
    """The request to the engine. Its token finds the deployment again after a kill."""
    asked: dict[str, Any] = {
        "task_definition": release.entry.value["task_definitions"][WEB],
        "token": f"release-{release.number}",
        "description": f"release {release.number} of {release.env.name}",
        "force": release.order.force,
        **release.live.settings(WEB),
    }
    return asked if release.env.engine == "codedeploy" else {**asked, **release.env.strategy()}


def deploy_web(release: Release) -> None:
    """Start the deployment, or find the one that a killed attempt has started; run the smoke test; move the traffic."""
    release.ready()
    release.enter("deploy")
    suspend_scaling(release)
    live, how = web_deployments(release.env, release.clients), release.following
    if waits := {name: found for name in release.env.processes if (found := release.live.waiting(name))}:
        brings = [f"{name}: {', '.join(found)}" for name, found in waits.items()]
        release.say(f"brings {'; '.join(brings)}")
    raised = raise_count(release, WEB)
    if raised and release.live.first:
        # The placeholder image can never run: with the raised count ECS would retry for ever, and the rollback would not end.
        how = replace(how, going_back=partial(lower_count, release, WEB))
    try:
        started = start.start_deployment(live, {**wanted_of_web(release), **_unwatched(release)}, release.order.if_running, how).deployment
        identity = identity_of(started)
        release.write(deployment_id=identity)
        if follow(live, identity, "ready", how)["status"] == "ready":
            _try_out(release, live, identity, how)
        release.enter("shift")
        release.notes["deployment"] = follow(live, identity, release.order.wait_for, how)
    except RailyardError:
        if raised and release.live.first:
            lower_count(release, WEB)
        raise


def _unwatched(release: Release) -> dict[str, Any]:
    """What is asked besides for the first release, and where an alarm rings already, which is said."""
    by_codedeploy = release.env.engine == "codedeploy"
    if by_codedeploy and release.live.first:
        # Whoever has asked before it was answered with 503, which is no fault of it.
        return {"ignore_alarms": True}
    if not (names := watched.ringing(release.env, release.clients, release.live)):
        return {}
    release.say(watched.sentence(release.env, names))
    return {"ignore_alarms": True} if by_codedeploy else {}


def adopt_web(release: Release, identity: str) -> None:
    """Take a deployment that CodePipeline's own action has made for the release's. Raises RailyardError unless it has brought its image."""
    release.enter("deploy")
    live = web_deployments(release.env, release.clients)
    found = live.read(identity)
    if not arrived(found, "traffic_shifted"):
        raise failure(live, found)
    if (digest := str(found["image"]).partition("@")[2]) != release.image["digest"]:
        raise RailyardError(f"deployment {identity} has brought {digest or found['image']}, not {release.image['digest']}")
    definitions = {**release.entry.value["task_definitions"], WEB: str(found["task_definition"])}
    release.write(deployment_id=identity, task_definitions=definitions)
    release.say(f"deployment {identity} has brought {release.image['uri']}")
    release.notes["deployment"] = found
    suspend_scaling(release)
    if raise_count(release, WEB):
        steady.wait(
            release.clients["ecs"], release.env.cluster, [WEB], False, PATIENCE, release.clock, lambda _counts: release.held.check()
        )


def _try_out(release: Release, live: Deployments, identity: str, how: Following) -> None:
    """Run the smoke test on the test listener, if there is one. When it fails, users have not reached the new tasks yet."""
    if release.env.smoke:
        release.enter("smoke")
        try:
            release.notes["smoke"] = smoke.test(request_of(release, release.env.smoke), release.say, release.held.check)
        except RailyardError as error:
            undone = undo(live, identity, how, error.message)
            raise failure(live, undone, error.message) from error
    release.held.check()
    live.proceed(identity)


def request_of(release: Release, test: SmokeTest) -> SmokeRequest:
    """A smoke test with the address of the test listener. Whether something answers by https is declared, or seen at the load balancer."""
    name = release.env.names.load_balancer
    balancers = aws.pages(release.clients["elbv2"], "DescribeLoadBalancers", "LoadBalancers", {"LoadBalancerNotFound"}, Names=[name])
    if not balancers:
        raise RailyardError(f"there is no load balancer {name}; site.yml makes it")
    arn, host = balancers[0]["LoadBalancerArn"], test.get("host") or balancers[0]["DNSName"]
    listeners = aws.pages(release.clients["elbv2"], "DescribeListeners", "Listeners", {"LoadBalancerNotFound"}, LoadBalancerArn=arn)
    declared = test.get("https")
    secure = declared if declared is not None else any(item.get("Protocol") == "HTTPS" for item in listeners)
    return {**test, "url": f"{test.get('scheme', 'http')}://{host}:{test['port']}{test['path']}", "https": secure}


def deploy_workers(release: Release) -> None:
    """All workers at the same time; then none of them has fewer tasks than declared. Raises RailyardError naming those that failed."""
    workers = release.env.workers
    release.enter("workers")
    faults = [fault for fault in aws.concurrently(lambda process: _deploy_worker(release, process), workers) if fault]
    if faults:
        raise RailyardError("; ".join(faults))
    # All of them, also after the first that was raised.
    raised = aws.concurrently(partial(raise_count, release), workers)
    if any(raised):
        said = ""

        def look(counts: str) -> None:
            nonlocal said
            release.held.check()
            if counts and counts != said:
                release.say(f"tasks that run: {counts}")
            said = counts

        steady.wait(release.clients["ecs"], release.env.cluster, [WEB, *workers], False, PATIENCE, release.clock, look)
    raise_limits(release)


def _deploy_worker(release: Release, process: str) -> str | None:
    live = deployments.of_ecs(release.clients, release.env.cluster, process)
    how = release.following
    definition = release.entry.value["task_definitions"][process]
    wanted = {"task_definition": definition, "force": release.order.force, **release.live.settings(process)}
    try:
        started = start.start_deployment(live, wanted, "supersede", how).deployment
        follow(live, identity_of(started), "old_tasks_stopped", how)
    except RailyardError as error:
        return f"{process}: {error.message}"
    return None


def suspend_scaling(release: Release) -> None:
    """Suspend auto-scaling. Its state is noted in the lock first, so that a run that takes the lock over can restore it."""
    client, name = release.clients["application-autoscaling"], release.env.cluster
    was = release.held.value.get("scaling") or suspension.read(client, name, list(release.env.processes))
    if was:
        release.held.note(scaling=was)
        suspension.suspend(client, name, was)


def resume_scaling(env: Environment, clients: Clients, held: Lock, say: Say) -> None:
    """Restore the state of auto-scaling from before this release, or from before the release whose lock was taken over."""
    was = held.value.get("scaling")
    if not was or held.lost.is_set():
        return
    changed = suspension.resume(clients["application-autoscaling"], env.cluster, was)
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
    """Restore the number of tasks from before `raise_count`: there is no live image that could run."""
    _count(release, process, release.live.services[process]["desired_count"])


def _count(release: Release, process: str, number: int) -> None:
    aws.call(release.clients["ecs"], "UpdateService", cluster=release.env.cluster, service=process, desiredCount=number)


def raise_limits(release: Release) -> None:
    """Raise the minimum of each scalable target to the declared one, as `site` does in an environment with a release."""
    client, env = release.clients["application-autoscaling"], release.env
    limits = suspension.read(client, env.cluster, list(env.processes))

    def raise_limit(process: str) -> None:
        least = env.processes[process]["min"]
        aws.call(client, "RegisterScalableTarget", **suspension.identity(env.cluster, process), MinCapacity=least)

    aws.concurrently(raise_limit, [process for process, limit in limits.items() if limit["min"] < env.processes[process]["min"]])
