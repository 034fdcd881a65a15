# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The web service goes over to a release: new tasks, a smoke test, the traffic."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from .._core import aws
from .._core.errors import RailyardError
from .._deployment import deployments, start
from .._deployment.deployments import Deployments
from .._deployment.follow import Following, failure, follow, undo
from . import scaling, smoke
from .at_work import Release
from .environment import WEB, Clients, Environment, Item


def of(env: Environment, clients: Clients) -> Deployments:
    """The deployments of the web service, by the environment's engine."""
    if env.engine == "codedeploy":
        return deployments.of_codedeploy(clients, env.name, WEB)
    return deployments.of_ecs(clients, env.name, WEB)


def wanted(release: Release) -> Item:
    """What the engine is asked for; the token finds the deployment again after a kill."""
    asked: Item = {
        "task_definition": release.entry.value["task_definitions"][WEB],
        "token": f"release-{release.number}",
        "description": f"release {release.number} of {release.env.name}",
        "force": release.order.force,
        **release.live.settings(WEB),
    }
    return asked if release.env.engine == "codedeploy" else {**asked, **release.env.strategy()}


def deploy(release: Release) -> None:
    """Start it, or find the one that a killed attempt has started; try it out; move the traffic."""
    release.enter("deploy")
    scaling.silence(release)
    live, how = of(release.env, release.clients), release.following
    if waits := {name: found for name in release.env.processes if (found := release.live.waiting(name))}:
        release.say(f"brings {'; '.join(f'{name}: {", ".join(found)}' for name, found in waits.items())}")
    raised = scaling.raise_count(release, WEB)
    if raised and release.live.first:
        # What it goes back to can never run: with the raised count ECS would try for ever, and the way back would not end.
        how = replace(how, going_back=partial(scaling.lower_count, release, WEB))
    try:
        started = start.start_deployment(live, wanted(release), release.order.on_running, how).deployment
        identity = str((started or {})["deployment_id"])
        release.write(deployment_id=identity)
        if follow(live, identity, "ready", how)["status"] == "ready":
            _try_out(release, live, identity, how)
        release.enter("shift")
        release.notes["deployment"] = follow(live, identity, release.order.until, how)
    except RailyardError:
        if raised and release.live.first:
            scaling.lower_count(release, WEB)
        raise


def _try_out(release: Release, live: Deployments, identity: str, how: Following) -> None:
    """The smoke test on the test listener, if there is one. Users have seen nothing of the new tasks when it fails."""
    if release.env.smoke:
        release.enter("smoke")
        try:
            asked = {**release.env.smoke, **where_to_ask(release)}
            release.notes["smoke"] = smoke.test(asked, release.say, release.held.check)
        except RailyardError as error:
            undone = undo(live, identity, how, error.message)
            raise failure(live, undone, error.message) from error
    release.held.check()
    live.proceed(identity)


def where_to_ask(release: Release) -> Item:
    """The `url` at which the test listener answers, and whether users are answered by `https`: declared, or by the load balancer itself."""
    env, asked = release.env, release.env.smoke or {}
    balancers = aws.pages(release.clients["elbv2"], "DescribeLoadBalancers", "LoadBalancers", {"LoadBalancerNotFound"}, Names=[env.name])
    if not balancers:
        raise RailyardError(f"there is no load balancer {env.name}; site.yml makes it")
    arn, host = balancers[0]["LoadBalancerArn"], asked.get("host") or balancers[0]["DNSName"]
    listeners = aws.pages(release.clients["elbv2"], "DescribeListeners", "Listeners", {"LoadBalancerNotFound"}, LoadBalancerArn=arn)
    secure = asked["https"] if asked.get("https") is not None else any(item.get("Protocol") == "HTTPS" for item in listeners)
    return {"url": f"{asked.get('scheme', 'http')}://{host}:{asked['port']}{asked['path']}", "https": secure}
