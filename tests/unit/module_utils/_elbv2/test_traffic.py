"""Who is active, over every state in which a deployment or a person can leave a listener."""

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._elbv2.traffic import (
    decide,
    described,
    forwarded,
    moved_by_ecs,
    name,
    primary_of,
)

GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{}/0123456789abcdef"
BLUE, GREEN, OTHER = GROUP.format("blue"), GROUP.format("green"), GROUP.format("other")
PAIR = (BLUE, GREEN)


def single(arn: str) -> list[dict]:
    return [{"type": "forward", "target_group_arn": arn}]


def weighted(**weights: int | None) -> list[dict]:
    groups = [{"target_group_arn": GROUP.format(key), "weight": weight} for key, weight in weights.items()]
    return [
        {"type": "forward", "order": 1, "forward_config": {"target_groups": groups, "target_group_stickiness_config": {"enabled": False}}}
    ]


def both(arn: str) -> list[dict]:
    """As AWS answers: a single group is written twice."""
    return [{**single(arn)[0], "forward_config": {"target_groups": [{"target_group_arn": arn, "weight": 1}]}}]


REDIRECT = [{"type": "redirect", "redirect_config": {"protocol": "HTTPS", "port": "443", "status_code": "HTTP_301"}}]
FIXED = [{"type": "fixed-response", "fixed_response_config": {"status_code": "503"}}]
LOGIN = [{"type": "authenticate-oidc", "order": 1}, *single(BLUE)]


@pytest.mark.parametrize(
    ("actions", "primary", "active", "percents", "shifting", "problem", "foreign"),
    [
        pytest.param(single(BLUE), None, BLUE, (100, 0), False, None, False, id="fresh, no service yet"),
        pytest.param(both(BLUE), BLUE, BLUE, (100, 0), False, None, False, id="fresh"),
        pytest.param(weighted(green=100, blue=0), GREEN, GREEN, (0, 100), False, None, False, id="after one swap, weight 0 partner"),
        pytest.param(weighted(green=100), GREEN, GREEN, (0, 100), False, None, False, id="after one swap, missing partner"),
        pytest.param(weighted(blue=100, green=0), BLUE, BLUE, (100, 0), False, None, False, id="after two swaps"),
        pytest.param(weighted(green=1), None, GREEN, (0, 100), False, None, False, id="one positive weight is all the traffic"),
        pytest.param(weighted(green=None), None, GREEN, (0, 100), False, None, False, id="a group without a weight"),
        pytest.param(weighted(blue=90, green=10), BLUE, BLUE, (90, 10), True, None, False, id="canary"),
        pytest.param(
            weighted(blue=10, green=90), BLUE, BLUE, (10, 90), True, None, False, id="late in a linear shift the old one is PRIMARY"
        ),
        pytest.param(weighted(blue=10, green=90), None, GREEN, (10, 90), True, None, False, id="without a task set the heavier one"),
        pytest.param(weighted(green=1, blue=1), None, BLUE, (50, 50), True, None, False, id="even weights: the first of the pair"),
        pytest.param(weighted(blue=100, other=0), BLUE, BLUE, (100, 0), False, None, False, id="a foreign group without traffic"),
        pytest.param(single(BLUE), GREEN, GREEN, (100, 0), False, "behind green; unless", False, id="task set and listener disagree"),
        pytest.param(weighted(blue=0, green=100), BLUE, BLUE, (0, 100), False, "behind blue; unless", False, id="disagree by weights"),
        pytest.param(single(BLUE), OTHER, BLUE, (100, 0), False, "behind other, which is not", False, id="task set outside the pair"),
        pytest.param(single(OTHER), None, None, (0, 0), False, "forwards to other", True, id="foreign group"),
        pytest.param(
            single(OTHER), GREEN, GREEN, (0, 0), False, "forwards to other", True, id="foreign group, the task set still says who"
        ),
        pytest.param(weighted(blue=1, other=1), None, BLUE, (50, 0), False, "other (1)", True, id="foreign group beside ours"),
        pytest.param(weighted(blue=0, green=0), None, None, (0, 0), False, "to nobody", True, id="no traffic at all"),
        pytest.param(REDIRECT, BLUE, BLUE, (0, 0), False, "redirects to HTTPS://#{host}:443/#{path} (HTTP_301)", True, id="redirect"),
        pytest.param(FIXED, None, None, (0, 0), False, "answers 503 itself", True, id="fixed response"),
        pytest.param(LOGIN, None, None, (0, 0), False, "does authenticate-oidc, then forwards to blue (1)", True, id="a login before it"),
        pytest.param([], None, None, (0, 0), False, "does nothing", True, id="no action"),
    ],
)
def test_active_target_group(actions, primary, active, percents, shifting, problem, foreign) -> None:
    traffic = decide(PAIR, actions, primary)
    assert traffic.active == active
    assert traffic.idle == {BLUE: GREEN, GREEN: BLUE, None: None}[active]
    assert traffic.weights == dict(zip(PAIR, percents, strict=True))
    assert (traffic.shifting, traffic.foreign) == (shifting, foreign)
    assert traffic.problem is None if problem is None else problem in traffic.problem


@pytest.mark.parametrize("actions", [single(BLUE), both(BLUE), weighted(blue=1), weighted(blue=100, green=0), weighted(green=0, blue=7)])
def test_every_way_to_write_the_same_forward_is_the_same(actions) -> None:
    assert decide(PAIR, actions, BLUE) == decide(PAIR, single(BLUE), BLUE)


def test_the_result_names_both_groups() -> None:
    result = decide(PAIR, weighted(blue=90, green=10), BLUE).as_result()
    assert result["active_target_group_arn"] == BLUE and result["idle_target_group_arn"] == GREEN
    assert result["weights"] == {BLUE: 90, GREEN: 10} and result["shifting"] and result["problem"] is None


def test_what_is_no_single_forward_has_no_weights() -> None:
    assert forwarded(REDIRECT) is None and forwarded(LOGIN) is None and forwarded([]) is None
    assert forwarded([{"type": "forward"}]) == {}


@pytest.mark.parametrize(
    ("service", "expected"),
    [
        pytest.param(None, None, id="no service"),
        pytest.param({"status": "INACTIVE", "load_balancers": [{"target_group_arn": BLUE}]}, None, id="deleted"),
        pytest.param(
            {
                "load_balancers": [{"target_group_arn": BLUE}],
                "task_sets": [
                    {"status": "ACTIVE", "load_balancers": [{"target_group_arn": BLUE}]},
                    {"status": "PRIMARY", "load_balancers": [{"target_group_arn": GREEN}]},
                ],
            },
            GREEN,
            id="the PRIMARY task set, not the service",
        ),
        pytest.param({"task_sets": [{"status": "ACTIVE", "load_balancers": [{"target_group_arn": BLUE}]}]}, None, id="no PRIMARY one"),
        pytest.param({"task_sets": [], "load_balancers": [{"target_group_arn": BLUE}]}, BLUE, id="no task sets yet"),
        pytest.param({"load_balancers": []}, None, id="not behind a load balancer"),
        pytest.param(
            {"load_balancers": [{"target_group_arn": BLUE, "advanced_configuration": {"alternate_target_group_arn": GREEN}}]},
            None,
            id="in ECS's own blue/green only the listener knows",
        ),
    ],
)
def test_primary_of(service, expected) -> None:
    assert primary_of(service) == expected
    assert moved_by_ecs(service) == ("advanced_configuration" in str(service))


def test_names_for_people() -> None:
    assert name(BLUE) == "blue" and name("something") == "something"
    assert described(weighted(blue=90, green=10)) == "forwards to blue (90), green (10)"
