"""Requests through the emulated load balancer."""

from __future__ import annotations

from collections import Counter

import pytest

from tests.support.emulated import Emulated
from tests.support.fargate import CONTAINER, Fargate, build, steady
from tests.support.users import answer, get


@pytest.fixture
def fargate(emulated: Emulated) -> Fargate:
    return build(emulated, balanced=True)


def url(fargate: Fargate, path: str = "/", port: str = "") -> str:
    return f"http://{balancer(fargate)['DNSName']}{port}{path}"


def balancer(fargate: Fargate) -> dict[str, str]:
    return dict(fargate.emulated.client("elbv2").describe_load_balancers(Names=["shop"])["LoadBalancers"][0])


def listener(fargate: Fargate) -> str:
    return str(
        fargate.emulated.client("elbv2").describe_listeners(LoadBalancerArn=balancer(fargate)["LoadBalancerArn"])["Listeners"][0][
            "ListenerArn"
        ]
    )


def test_request_without_healthy_targets(fargate: Fargate) -> None:
    assert get(fargate.emulated, url(fargate))[0] == 503
    assert get(fargate.emulated, url(fargate, port=":81"))[0] == 502
    assert get(fargate.emulated, "http://other.eu-west-1.elb.amazonaws.com/")[0] == 502


def test_the_tasks_take_turns(fargate: Fargate) -> None:
    fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))
    fargate.until(steady)
    answers = [get(fargate.emulated, url(fargate)) for _ in range(6)]
    assert {status for status, _body in answers} == {200} and all(body.startswith("shop:1 shop-web:1 ") for _status, body in answers)
    assert sorted(Counter(body for _status, body in answers).values()) == [3, 3]
    assert not [entry for entry in fargate.emulated.journal() if "elb.amazonaws.com" in str(entry)]


def test_each_group_gets_its_weight(fargate: Fargate) -> None:
    for name in ("web", "green"):
        fargate.define(
            family=f"shop-{name}",
            containerDefinitions=[{"name": "web", "image": f"shop:{name}", "portMappings": [{"containerPort": 3000}]}],
        )
    weights = [{"TargetGroupArn": fargate.groups[name], "Weight": weight} for name, weight in (("blue", 90), ("green", 10))]
    action = {"Type": "forward", "ForwardConfig": {"TargetGroups": weights}}
    fargate.emulated.client("elbv2").modify_listener(ListenerArn=listener(fargate), DefaultActions=[action])
    for name, group in (("web", "blue"), ("green", "green")):
        fargate.ecs.create_service(
            **fargate.service(serviceName=name, taskDefinition=f"shop-{name}", loadBalancers=[fargate.target(group)])
        )
    fargate.emulated.advance(300)
    counted = Counter(get(fargate.emulated, url(fargate))[1].split()[0] for _ in range(50))
    assert counted == {"shop:web": 45, "shop:green": 5}


@pytest.mark.parametrize(
    ("variables", "status"),
    [
        ({"RAILS_ENV": "production"}, 301),
        ({"RAILS_ENV": "production", "RAILS_FORCE_SSL": "1"}, 301),
        ({"RAILS_ENV": "production", "RAILS_FORCE_SSL": "0"}, 200),
        ({"RAILS_ENV": "staging"}, 200),
    ],
)
def test_rails_in_production_sends_users_to_https_but_for_its_health_path(fargate: Fargate, variables: dict[str, str], status: int) -> None:
    pairs = [{"name": name, "value": value} for name, value in variables.items()]
    fargate.define(containerDefinitions=[{**CONTAINER, "environment": pairs}])
    fargate.emulated.client("elbv2").modify_target_group(TargetGroupArn=fargate.groups["blue"], HealthCheckPath="/up")
    fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))
    fargate.until(steady)
    found, location = answer(fargate.emulated, url(fargate, "/orders?page=2"))
    assert (found, location) == (status, f"https://{balancer(fargate)['DNSName']}/orders?page=2" if status == 301 else None)
    assert answer(fargate.emulated, url(fargate, "/up")) == (200, None)


def test_rules_and_pages(fargate: Fargate) -> None:
    fargate.emulated.script(image="shop:1", pages={"/up": [200, "OK"], "/broken": [500, "sorry"]})
    fargate.ecs.create_service(**fargate.service(loadBalancers=[fargate.target("blue")]))
    fargate.until(steady)
    assert get(fargate.emulated, url(fargate, "/up")) == (200, "OK")
    assert get(fargate.emulated, url(fargate, "/broken")) == (500, "sorry")
    fargate.emulated.client("elbv2").create_rule(
        ListenerArn=listener(fargate),
        Priority=1,
        Conditions=[{"Field": "path-pattern", "Values": ["/closed*"]}],
        Actions=[
            {
                "Type": "fixed-response",
                "FixedResponseConfig": {"StatusCode": "503", "MessageBody": "back soon", "ContentType": "text/plain"},
            }
        ],
    )
    assert get(fargate.emulated, url(fargate, "/closed/today")) == (503, "back soon")
    assert get(fargate.emulated, url(fargate, "/up"))[0] == 200
