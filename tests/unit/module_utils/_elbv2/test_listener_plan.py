"""What elbv2_listener decides: everything is kept as declared but the forward, which belongs to the deployer."""

from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._elbv2.listener import make_plan, validate
from ansible_collections.railyard.fargate.plugins.module_utils._elbv2.place import Place

GROUP = "arn:aws:elasticloadbalancing:eu-west-1:123456789012:targetgroup/{}/0123456789abcdef"
BLUE, GREEN, OTHER = GROUP.format("blue"), GROUP.format("green"), GROUP.format("other")
BALANCER, LISTENER = "arn:loadbalancer", "arn:listener"
CERTIFICATES = ["arn:certificate/a", "arn:certificate/b", "arn:certificate/c"]
TLS13 = "ELBSecurityPolicy-TLS13-1-2-2021-06"


def options(**given: Any) -> dict[str, Any]:
    defaults = {
        "state": "present",
        "port": 443,
        "protocol": "HTTP",
        "target_group_pair": ["blue", "green"],
        "tags": None,
        "purge_tags": True,
    }
    defaults |= {"certificate_arns": None, "purge_certificates": False, "ssl_policy": None, "initial": None, "ecs": None}
    return {**defaults, "force_forward": False, "attributes": None, **given}


def check(**given: Any) -> None:
    """The options as the module has them, with one listener."""
    validate({**options(**given), "listeners": [options(**given)]})


def place(primary: str | None = None, initial: str | None = None, pair: tuple[str, str] | None = (BLUE, GREEN)) -> Place:
    return Place(BALANCER, pair, initial, primary)


def listener(**given: Any) -> dict[str, Any]:
    live = {"listener_arn": LISTENER, "load_balancer_arn": BALANCER, "port": 443, "protocol": "HTTP", "certificate_arns": [], "tags": {}}
    return {**live, "default_actions": [{"type": "forward", "target_group_arn": BLUE}], **given}


def https(**given: Any) -> dict[str, Any]:
    return listener(**{"protocol": "HTTPS", "certificate_arns": CERTIFICATES[:1], "ssl_policy": TLS13, **given})


def forward(*weights: tuple[str, int]) -> list[dict[str, Any]]:
    groups = [{"target_group_arn": arn, "weight": weight} for arn, weight in weights]
    return [{"type": "forward", "forward_config": {"target_groups": groups}}]


@pytest.mark.parametrize(
    ("where", "target"),
    [
        pytest.param(place(), BLUE, id="the first of the pair"),
        pytest.param(place(initial=GREEN), GREEN, id="initial"),
        pytest.param(place(primary=GREEN, initial=BLUE), GREEN, id="the PRIMARY task set before all"),
    ],
)
def test_a_new_listener_forwards_to(where: Place, target: str) -> None:
    plan = make_plan(options(), None, where)
    assert [step.operation for step in plan.steps] == ["CreateListener"]
    assert plan.steps[0].params["DefaultActions"] == [{"Type": "forward", "TargetGroupArn": target}]
    assert plan.notes["active_target_group_arn"] == target and plan.notes["weights"][target] == 100


def test_a_new_listener_of_groups_that_are_only_predicted() -> None:
    plan = make_plan(options(), None, place(pair=None))
    assert plan.changed and plan.after["port"] == 443
    assert plan.notes["active_target_group_arn"] is None and plan.notes["weights"] == {}


@pytest.mark.parametrize("primary", [None, BLUE, GREEN])
@pytest.mark.parametrize(
    "actions",
    [
        [{"type": "forward", "target_group_arn": GREEN}],
        forward((BLUE, 1)),
        forward((GREEN, 100), (BLUE, 0)),
        forward((BLUE, 90), (GREEN, 10)),
        forward((BLUE, 0), (GREEN, 1), (OTHER, 0)),
    ],
)
def test_what_a_deployment_left_is_kept(actions: list[dict[str, Any]], primary: str | None) -> None:
    plan = make_plan(options(), listener(default_actions=actions), place(primary))
    assert not plan.changed and plan.after["default_actions"] == actions


@pytest.mark.parametrize(
    ("actions", "words"),
    [
        (forward((OTHER, 1)), "forwards to other (1)"),
        (forward((BLUE, 1), (OTHER, 1)), "forwards to blue (1), other (1)"),
        ([{"type": "redirect", "redirect_config": {"status_code": "HTTP_301"}}], "redirects to"),
        ([{"type": "fixed-response", "fixed_response_config": {"status_code": "503"}}], "answers 503"),
    ],
)
def test_something_foreign_is_an_error_that_names_the_repair(actions: list[dict[str, Any]], words: str) -> None:
    live = listener(default_actions=actions)
    with pytest.raises(RailyardError, match="force_forward: true") as caught:
        make_plan(options(), live, place(GREEN))
    assert words in caught.value.message and "To point the listener at green" in caught.value.message
    assert caught.value.details["live"] == live
    plan = make_plan(options(force_forward=True), live, place(GREEN))
    assert plan.steps[0].params == {"ListenerArn": LISTENER, "DefaultActions": [{"Type": "forward", "TargetGroupArn": GREEN}]}
    assert plan.notes["active_target_group_arn"] == GREEN and plan.notes["problem"] is None


def test_force_repairs_a_disagreement_and_is_quiet_afterwards() -> None:
    plan = make_plan(options(force_forward=True), listener(), place(GREEN))
    assert plan.after["default_actions"] == [{"type": "forward", "target_group_arn": GREEN}]
    assert not make_plan(options(force_forward=True), listener(default_actions=plan.after["default_actions"]), place(GREEN)).changed
    assert not make_plan(options(force_forward=True), listener(default_actions=forward((GREEN, 100), (BLUE, 0))), place(GREEN)).changed


def test_force_never_follows_a_task_set_out_of_the_pair() -> None:
    with pytest.raises(RailyardError, match="behind other, which is not one of blue and green"):
        make_plan(options(force_forward=True), listener(), place(OTHER))


def test_force_does_not_guess() -> None:
    wanted = options(force_forward=True, ecs={"cluster": "shop", "service": "mistyped"})
    with pytest.raises(RailyardError, match=r"mistyped.*has no PRIMARY task set"):
        make_plan(wanted, listener(default_actions=forward((GREEN, 1))), place())
    assert make_plan(wanted, listener(default_actions=forward((GREEN, 1))), place(initial=BLUE)).changed
    assert make_plan(wanted, None, place()).steps[0].params["DefaultActions"][0]["TargetGroupArn"] == BLUE


def test_force_leaves_a_listener_alone_that_ecs_itself_moves() -> None:
    wanted, by_ecs = options(force_forward=True, ecs={"cluster": "shop", "service": "web"}), Place(BALANCER, (BLUE, GREEN), by_ecs=True)
    assert not make_plan(wanted, listener(default_actions=forward((BLUE, 90), (GREEN, 10))), by_ecs).changed
    with pytest.raises(RailyardError, match="has its tasks in both groups or in none; say initial as well"):
        make_plan(wanted, listener(default_actions=forward((OTHER, 1))), by_ecs)
    with pytest.raises(RailyardError, match="To point the listener at the live tasks: "):
        make_plan(options(), listener(default_actions=forward((OTHER, 1))), by_ecs)


def test_a_disagreement_without_force_is_told_and_kept() -> None:
    plan = make_plan(options(), listener(), place(GREEN))
    assert not plan.changed and "Primary taskset target group must be behind listener" in plan.notes["problem"]


def test_a_task_set_out_of_the_pair_does_not_stop_other_changes() -> None:
    plan = make_plan(options(tags={"a": "b"}), listener(), place(OTHER))
    assert [step.operation for step in plan.steps] == ["AddTags"] and "not one of" in plan.notes["problem"]


def test_groups_that_do_not_exist_behind_a_listener_that_does() -> None:
    with pytest.raises(RailyardError, match="blue and green do not both exist"):
        make_plan(options(), listener(), place(pair=None))


@pytest.mark.parametrize(
    ("wanted", "live", "operations", "certificates"),
    [
        pytest.param({}, https(), [], CERTIFICATES[:1], id="nothing declared, nothing changed"),
        pytest.param({"certificate_arns": CERTIFICATES[1:2]}, https(), ["ModifyListener"], CERTIFICATES[1:2], id="another default"),
        pytest.param(
            {"certificate_arns": CERTIFICATES[:2]}, https(), ["AddListenerCertificates"], CERTIFICATES[:2], id="one beside the default"
        ),
        pytest.param(
            {"certificate_arns": CERTIFICATES[:1]}, https(certificate_arns=CERTIFICATES), [], CERTIFICATES, id="others stay unless told"
        ),
        pytest.param(
            {"certificate_arns": CERTIFICATES[:2], "purge_certificates": True},
            https(certificate_arns=CERTIFICATES),
            ["RemoveListenerCertificates"],
            CERTIFICATES[:2],
            id="purge",
        ),
        pytest.param(
            {"certificate_arns": [CERTIFICATES[1], CERTIFICATES[0]], "purge_certificates": True},
            https(certificate_arns=CERTIFICATES[:2]),
            ["ModifyListener", "AddListenerCertificates"],
            [CERTIFICATES[1], CERTIFICATES[0]],
            id="default and other change places",
        ),
        pytest.param({"purge_certificates": True}, https(certificate_arns=CERTIFICATES), [], CERTIFICATES, id="purge without a list"),
        pytest.param({"ssl_policy": "ELBSecurityPolicy-2016-08"}, https(), ["ModifyListener"], CERTIFICATES[:1], id="policy"),
        pytest.param({"protocol": "HTTP"}, https(), ["ModifyListener"], [], id="back to HTTP"),
        pytest.param({"certificate_arns": CERTIFICATES[:1]}, listener(), ["ModifyListener"], CERTIFICATES[:1], id="from HTTP"),
    ],
)
def test_certificates(wanted: dict[str, Any], live: dict[str, Any], operations: list[str], certificates: list[str]) -> None:
    plan = make_plan(options(**{"protocol": "HTTPS", **wanted}), live, place())
    assert [step.operation for step in plan.steps] == operations
    assert plan.after["certificate_arns"] == certificates
    assert ("ssl_policy" in plan.after) == (plan.after["protocol"] == "HTTPS")
    assert all("DefaultActions" not in step.params for step in plan.steps)
    again = make_plan(options(**{"protocol": "HTTPS", **wanted}), plan.after, place())
    assert not again.changed


def test_a_new_https_listener_gets_a_modern_policy_and_every_certificate() -> None:
    plan = make_plan(options(protocol="HTTPS", certificate_arns=CERTIFICATES), None, place())
    create, add = plan.steps
    assert create.params["SslPolicy"] == TLS13 and create.params["Certificates"] == [{"CertificateArn": CERTIFICATES[0]}]
    assert add.operation == "AddListenerCertificates" and len(add.params["Certificates"]) == 2


def test_attributes_are_compared_only_when_given() -> None:
    live = listener(attributes={"routing.http.response.server.enabled": "true", "other": "1"})
    assert not make_plan(options(attributes={"routing.http.response.server.enabled": True}), live, place()).changed
    plan = make_plan(options(attributes={"routing.http.response.server.enabled": False}), live, place())
    assert plan.steps[0].params["Attributes"] == [{"Key": "routing.http.response.server.enabled", "Value": "false"}]
    assert plan.after["attributes"] == {"routing.http.response.server.enabled": "false", "other": "1"}


def test_deletion() -> None:
    assert make_plan(options(state="absent"), listener(), Place(BALANCER)).steps[0].operation == "DeleteListener"
    assert not make_plan(options(state="absent"), None, Place()).changed


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"target_group_pair": ["blue"]}, "two different"),
        ({"target_group_pair": ["blue", "blue"]}, "two different"),
        ({"initial": "other"}, "initial is other"),
        ({"force_forward": True}, "needs ecs or initial"),
        ({"certificate_arns": CERTIFICATES}, "HTTP takes no certificate_arns"),
        ({"ssl_policy": TLS13, "protocol": "TCP"}, "TCP takes no ssl_policy"),
    ],
)
def test_wrong_options(given: dict[str, Any], words: str) -> None:
    with pytest.raises(RailyardError, match=words):
        check(**given)


def test_https_without_a_certificate() -> None:
    with pytest.raises(RailyardError, match="needs certificate_arns"):
        make_plan(options(protocol="HTTPS"), None, place())


def test_right_options() -> None:
    check(initial="green", force_forward=True)
    check(state="absent", target_group_pair=None)
    check(target_group_pair=["", ""])


@pytest.mark.parametrize(
    ("actions", "sent"),
    [
        pytest.param([{"type": "forward", "target_group_arn": GREEN}], {BLUE: 0, GREEN: 100}, id="one group is named"),
        pytest.param(forward((BLUE, 1)), {BLUE: 100, GREEN: 0}, id="one group is named with a weight"),
        pytest.param(forward((BLUE, 90), (GREEN, 10)), None, id="in a shift both are"),
        pytest.param(forward((BLUE, 0), (GREEN, 100)), None, id="after a release both are"),
    ],
)
def test_both_groups_are_named_and_no_traffic_moves(actions: list[dict[str, Any]], sent: dict[str, int] | None) -> None:
    plan = make_plan(options(both_groups=True), listener(default_actions=actions), place())
    assert plan.changed is (sent is not None)
    if sent:
        groups = plan.steps[0].params["DefaultActions"][0]["ForwardConfig"]["TargetGroups"]
        assert {group["TargetGroupArn"]: group["Weight"] for group in groups} == sent
        assert not make_plan(options(both_groups=True), listener(default_actions=plan.after["default_actions"]), place()).changed
