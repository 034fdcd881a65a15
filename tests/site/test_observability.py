"""Alarms watch releases: errors that users see in the middle of one bring it back, with either engine."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from tests.support.fargate import slowly
from tests.support.playbooks import converge, play
from tests.support.releasing import LOCAL, Releasing, words
from tests.support.users import get

from .conftest import Made

SHORT = ["5xx", "elb-5xx", "latency", "unhealthy-blue", "unhealthy-green"]
ALL = [*SHORT, "connections", "database-cpu", "storage", "tasks-web", "tasks-worker"]


@dataclass
class Busy(Releasing):
    """While a release waits, users ask."""

    path: str = "/orders"
    asking: bool = True

    def sleep(self, seconds: float) -> None:
        for _ in range(round(seconds) if self.asking else 0):
            get(self.emulated, f"http://{self.balancer}{self.path}")
        super().sleep(seconds)

    @property
    def balancer(self) -> str:
        return str(self.emulated.client("elbv2").describe_load_balancers(Names=["shop-local"])["LoadBalancers"][0]["DNSName"])

    def states(self) -> dict[str, str]:
        found = self.emulated.client("cloudwatch").describe_alarms(AlarmNamePrefix="shop-local-")["MetricAlarms"]
        return {alarm["AlarmName"].removeprefix("shop-local-"): alarm["StateValue"] for alarm in found}


@pytest.fixture(scope="module", params=["codedeploy", "ecs"])
def shop(request: pytest.FixtureRequest, made: Made) -> Busy:
    env = replace(LOCAL, engine=request.param)
    return Busy(made(*words(env)), env)


def test_before_the_first_release_nothing_rings_and_everything_is_watched(shop: Busy) -> None:
    shop.emulated.advance(1200)
    states = shop.states()
    assert sorted(states) == sorted(ALL) and "ALARM" not in states.values()
    assert (states["tasks-web"], states["tasks-worker"]) == ("INSUFFICIENT_DATA", "INSUFFICIENT_DATA")


def test_errors_in_the_middle_of_a_canary_bring_everything_back(shop: Busy) -> None:
    # ECS has no way to leave alarms out of one deployment, and before the first release the load balancer answers with 503.
    shop.asking = shop.env.engine == "codedeploy"
    first = shop.push()
    shop.release(first)
    shop.asking = True
    shop.emulated.advance(1200)
    before = shop.live()
    bad = shop.push(pages={"/orders": [500, "Internal Server Error"]})
    error = shop.refused(bad)
    assert "shop-local-5xx" in error.message and shop.records()[0]["status"] == "rolled_back"
    assert shop.live() == before == {"web": first, "worker": first}


def test_what_rings_already_is_said_and_whoever_repairs_it_gets_through(shop: Busy) -> None:
    shop.emulated.client("cloudwatch").set_alarm_state(AlarmName="shop-local-5xx", StateValue="ALARM", StateReason="a test")
    image = shop.push()
    with slowly(shop.emulated):
        assert shop.release(image)["release"]["status"] == "succeeded"
    assert any("shop-local-5xx is in ALARM already: no alarm watches this deployment" in line for line in shop.said)


def test_it_can_be_left_out(shop: Busy) -> None:
    assert play(shop.emulated, "site.yml", *shop.words).changed_tasks == []
    off = ("-e", '{"railyard_observability": false}')
    assert converge(shop.emulated, *shop.words, *off).count("changed") > 0
    assert shop.states() == {} and shop.emulated.client("cloudwatch").list_dashboards()["DashboardEntries"] == []
    assert play(shop.emulated, "site.yml", *shop.words, *off).changed_tasks == []
