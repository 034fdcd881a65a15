"""elbv2_maintenance against the emulated load balancer."""

from __future__ import annotations

from typing import Any

from tests.support import front
from tests.support.emulated import Emulated
from tests.support.front import Front
from tests.support.walk import differences

MODULE = "elbv2_maintenance"


def run(emulated: Emulated, check: bool = False, **wanted: Any) -> dict[str, Any]:
    return emulated.run(MODULE, check=check, load_balancer="shop", port=80, tags={"application": "shop"}, **wanted)


def rules(made: Front, listener: str) -> list[tuple[str, str]]:
    found = made.emulated.client("elbv2").describe_rules(ListenerArn=listener)["Rules"]
    return [(rule["Priority"], rule["Actions"][0]["Type"]) for rule in found if not rule["IsDefault"]]


def test_check_on_again_another_page_and_off(emulated: Emulated) -> None:
    made = front.build(emulated)
    missing = run(emulated)
    assert missing["failed"] and "no listener on port 80" in missing["msg"]
    listener = made.listen()["ListenerArn"]
    predicted = run(emulated, check=True, allow=["203.0.113.7/32"])
    assert predicted["changed"] and predicted["maintenance"]["on"] and rules(made, listener) == []
    on = run(emulated, allow=["203.0.113.7/32"])
    assert on["changed"] and differences(MODULE, on) == [] and on["maintenance"]["allow"] == ["203.0.113.7/32"], on
    assert sorted(rules(made, listener)) == [("1", "forward"), ("2", "fixed-response")]
    assert not run(emulated, allow=["203.0.113.7/32"])["changed"]
    other = run(emulated, body="<h1>At six</h1>")
    assert other["changed"] and other["diff"]["after"]["body"] == "<h1>At six</h1>" and rules(made, listener) == [("2", "fixed-response")]
    off = run(emulated, state="absent")
    assert off["changed"] and not off["maintenance"]["on"] and rules(made, listener) == []
    assert not run(emulated, state="absent")["changed"]


def test_rules_of_others_are_left_alone(emulated: Emulated) -> None:
    made = front.build(emulated)
    listener = made.listen()["ListenerArn"]
    elbv2 = emulated.client("elbv2")
    condition = {"Field": "path-pattern", "PathPatternConfig": {"Values": ["/old/*"]}}
    action = {"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "410", "ContentType": "text/plain", "MessageBody": "gone"}}
    elbv2.create_rule(ListenerArn=listener, Priority=2, Conditions=[condition], Actions=[action])
    refused = run(emulated)
    assert refused["failed"] and "has priority 2, which the maintenance page needs" in refused["msg"], refused
    assert not run(emulated, state="absent")["changed"] and rules(made, listener) == [("2", "fixed-response")]
