"""playbooks/promote.yml as a person types it: from staging to production, each in its own account."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.clock import Clock
from ansible_collections.railyard.fargate.plugins.module_utils._release import flow, lock, record
from ansible_collections.railyard.fargate.plugins.module_utils._release.environment import SERVICES
from ansible_collections.railyard.fargate.plugins.module_utils._release.release_run import Order
from tests.support.environments import ACCOUNTS, Environments
from tests.support.fargate import slowly
from tests.support.names import names
from tests.support.releases import Deployer
from tests.support.releasing import LOCAL

PROMOTE = "playbooks/promote.yml"
STAGING, PRODUCTION = (f"shop-{name}-releases-{ACCOUNTS[name]}" for name in ("staging", "production"))


def release(environments: Environments, image: str) -> None:
    """What playbooks/deploy.yml does in staging, in AWS's own time: it passes only while the release waits."""
    staging = names("shop", "staging", railyard_account_id=ACCOUNTS["staging"])
    env = replace(LOCAL, names=staging, processes={"web": {"min": 1}, "worker": {"min": 1}}, smoke=None)
    clients = {service: environments.client(service, "staging") for service in SERVICES}
    flow.release(env, clients, Order(image=image, requested_by="deborah"), print, Clock(sleep=environments.emulated.advance))


def live(environments: Environments, name: str) -> dict[str, tuple[str, int]]:
    """Digest of the image and number of tasks of each process."""
    ecs = environments.client("ecs", name)
    found = {}
    for service in ecs.describe_services(cluster=f"shop-{name}", services=["web", "worker"])["services"]:
        primary = next((item for item in service.get("taskSets", []) if item["status"] == "PRIMARY"), service)
        definition = ecs.describe_task_definition(taskDefinition=primary["taskDefinition"])["taskDefinition"]
        found[service["serviceName"]] = (definition["containerDefinitions"][0]["image"].partition("@")[2], service["desiredCount"])
    return found


def test_what_is_live_in_staging_goes_to_production(environments: Environments) -> None:
    nothing = environments.play(PROMOTE)
    assert nothing.code != 0 and "Nothing has been released in shop_staging" in nothing.output, nothing.output

    image = Deployer(environments.emulated, "shop-staging", account=ACCOUNTS["staging"]).push("1a2b3c4")
    digest = image.partition("@")[2]
    with slowly(environments.emulated):
        release(environments, image)
    assert live(environments, "staging") == {"web": (digest, 1), "worker": (digest, 1)}

    held = lock.acquire(environments.client("s3", "staging"), STAGING, "olivia", "releasing another one")
    busy = environments.play(PROMOTE)
    assert busy.code != 0 and "by olivia (held): releasing another one" in " ".join(busy.output.split()), busy.output
    held.release()

    before = environments.emulated.writes()
    predicted = environments.play(PROMOTE, "--check")
    assert predicted.code == 0 and environments.emulated.writes() == before, predicted.output
    assert f"shop-production@{digest} would be copied (2 layers" in predicted.output, predicted.output

    held, before = lock.acquire(environments.client("s3", "production"), PRODUCTION, "ann", "converging"), environments.emulated.writes()
    busy = environments.play(PROMOTE)
    assert busy.code != 0 and "ann on" in busy.output and environments.emulated.writes() == before, busy.output
    held.release()

    # Playbooks look at the clock by themselves, and a release waits an hour at most for its smoke test.
    with slowly(environments.emulated, 150.0):
        promoted = environments.play(PROMOTE)
    assert promoted.code == 0 and "Layer 2 of 2 is there" in promoted.output, promoted.output
    assert live(environments, "production") == {"web": (digest, 2), "worker": (digest, 1)}
    assert "nobodys-secret" not in promoted.output and "\n  schema " not in promoted.output
    s3 = environments.client("s3", "production")
    done = record.recent(s3, PRODUCTION)[0]
    assert (done["number"], done["status"], done["digest"], done["commit"]) == (1, "succeeded", digest, "1a2b3c4")
    assert done["reason"] == "as live in staging, release 1"

    again = environments.play(PROMOTE, "-e", "from=shop_staging", "-e", "to=production")
    assert again.code == 0 and again.changed_tasks == [] and "there was nothing to release" in again.output, again.output
    assert len(record.recent(s3, PRODUCTION)) == 1


@pytest.mark.soak
@pytest.mark.parametrize("engine", ["codedeploy", "ecs"])
def test_a_promotion_starts_the_pipeline_of_production(environments: Environments, engine: str) -> None:
    told = {"railyard_pipeline": True, "pipeline_start": "promotion", "railyard_engine": engine}
    words = ("-e", json.dumps(told), "-l", "shop_production")
    made = environments.play("site.yml", *words)
    assert made.code == 0 and "waits until" not in made.output, made.output
    assert environments.play("site.yml", *words).count("changed") == 0
    assert environments.client("codeconnections", "production").list_connections()["Connections"] == []
    digest = Deployer(environments.emulated, "shop-staging", account=ACCOUNTS["staging"]).push("1a2b3c4").partition("@")[2]
    with slowly(environments.emulated):
        release(environments, digest)
    with slowly(environments.emulated, 60.0):
        promoted = environments.play(PROMOTE, *words[:2])
    assert promoted.code == 0, promoted.output
    done = record.recent(environments.client("s3", "production"), PRODUCTION)[0]
    assert (done["status"], done["digest"], done["commit"], done["pipeline"]) == ("succeeded", digest, "1a2b3c4", "shop-production")
    assert live(environments, "production")["web"][0] == digest
