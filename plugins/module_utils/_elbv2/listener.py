# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Listeners. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .._core import aws, shape, tags
from .._core.errors import RailyardError
from .._core.plan import Output, Plan, Step
from . import certificates
from .attributes import changed, find_tags, tag_steps, texts
from .place import Place
from .traffic import Action, Traffic, WeightedGroup, decide, described, name, named

REPAIR = "playbooks/repair.yml, or elbv2_listener with force_forward: true, and ecs or initial to say which group is right"


def find_each(client: Any, where: Place, wanted: list[dict[str, Any]]) -> list[dict[str, Any] | None]:
    """The listeners at the ports of these in our shape with certificates, tags and, where some are declared, attributes; or None."""
    attributes = [one["port"] for one in wanted if one["attributes"]]
    found = {
        listener["port"]: listener for listener in _complete(client, _listeners(client, where), [o["port"] for o in wanted], attributes)
    }
    return [found.get(one["port"]) for one in wanted]


def find_all(client: Any, where: Place, ports: list[int] | None) -> list[dict[str, Any]]:
    """The listeners of a load balancer, with who is live when `where` has a pair."""
    found = _complete(client, _listeners(client, where), ports)
    if where.pair is None:
        return found
    return [{**listener, **decide(where.pair, listener["default_actions"], where.primary).as_result()} for listener in found]


def _listeners(client: Any, where: Place) -> list[dict[str, Any]]:
    if not where.load_balancer:
        return []
    return aws.pages(client, "DescribeListeners", "Listeners", {"LoadBalancerNotFound"}, LoadBalancerArn=where.load_balancer)


def _complete(
    client: Any, listeners: list[dict[str, Any]], ports: list[int] | None, attributes: Sequence[int] = ()
) -> list[dict[str, Any]]:
    """The listeners at these ports (None: at all), with their attributes at `attributes`."""
    chosen = [listener for listener in listeners if not ports or listener["Port"] in ports]
    labels = find_tags(client, [listener["ListenerArn"] for listener in chosen])
    members: Any = shape.output_shape(client, "DescribeListeners", "Listeners")

    def complete(listener: dict[str, Any]) -> dict[str, Any]:
        arn = listener["ListenerArn"]
        live: dict[str, Any] = shape.ours(members.member, listener)
        live.pop("certificates", None)
        live = {**live, "certificate_arns": certificates.find(client, listener), "tags": labels[arn]}
        if listener["Port"] in attributes:
            live["attributes"] = tags.as_dict(aws.call(client, "DescribeListenerAttributes", ListenerArn=arn)["Attributes"])
        return live

    return aws.concurrently(complete, chosen)


def validate(wanted: dict[str, Any]) -> None:
    """Refuse what is wrong whatever is live: pairs that are none, certificates without TLS (rule ELB-7), a force without a direction.

    `wanted`: all options of elbv2_listener.
    """
    if wanted["state"] == "absent":
        return
    pair, initial = wanted["target_group_pair"], wanted["initial"]
    if len(pair) != 2 or (pair[0] == pair[1] and pair[0]):
        raise RailyardError(f"target_group_pair takes two different target groups, not {', '.join(pair) or 'none'}")
    if initial and initial not in pair:
        raise RailyardError(f"initial is {initial}, which is not in target_group_pair: {', '.join(pair)}")
    if wanted["force_forward"] and not initial and not wanted["ecs"]:
        raise RailyardError("force_forward needs ecs or initial: the first of the pair may be the wrong one after a release")
    for one in wanted["listeners"]:
        certificates.validate(one)


def make_plan(wanted: dict[str, Any], live: dict[str, Any] | None, where: Place) -> Plan:
    """`wanted`: the options of elbv2_listener for one listener. The forward is set once and later only with force_forward (rule ECS-L3)."""
    if wanted["state"] == "absent":
        return Plan(live, None, (Step("DeleteListener", {"ListenerArn": live["listener_arn"]}),) if live else ())
    return _change(wanted, live, where) if live else _create(wanted, where)


def _create(wanted: dict[str, Any], where: Place) -> Plan:
    arn = Output("CreateListener", "Listeners[0].ListenerArn")
    target = _target(wanted, where)
    tls = certificates.plan(wanted, None, arn)
    attributes = texts(wanted["attributes"])
    sent, forward = _forward(target, where.pair if wanted.get("both_groups") else None)
    params = {
        "LoadBalancerArn": where.load_balancer,
        "Port": wanted["port"],
        "Protocol": wanted["protocol"],
        "DefaultActions": [sent],
        **tls.params,
        **({"Tags": tags.as_pairs(wanted["tags"])} if wanted["tags"] else {}),
    }
    actions = [forward]
    after = {
        "load_balancer_arn": where.load_balancer,
        "port": wanted["port"],
        "protocol": wanted["protocol"],
        "default_actions": actions,
        "tags": tags.change({}, wanted["tags"], False).after,
        **({"attributes": attributes} if attributes else {}),
        **_present(tls.after),
    }
    steps = [Step("CreateListener", params, already=("DuplicateListener",)), *tls.steps, *_attribute_steps(arn, attributes)]
    traffic = decide(where.pair, actions, where.primary) if where.pair else Traffic()
    return Plan(None, after, tuple(steps), traffic.as_result())


def _change(wanted: dict[str, Any], live: dict[str, Any], where: Place) -> Plan:
    arn = live["listener_arn"]
    traffic = _traffic(wanted, live, where)
    target = _forced(wanted, where, traffic)
    tls = certificates.plan(wanted, live, arn)
    params: dict[str, Any] = dict(tls.params)
    after = {**{key: value for key, value in live.items() if key not in tls.after}, **_present(tls.after)}
    if live["protocol"] != wanted["protocol"]:
        params["Protocol"] = after["protocol"] = wanted["protocol"]
    both = where.pair if wanted.get("both_groups") else None
    incomplete = bool(both and not traffic.foreign and not set(both) <= named(live["default_actions"]))
    if incomplete:
        target = target or next(arn for arn, weight in traffic.weights.items() if weight)
    if target and (incomplete or traffic.foreign or traffic.weights[target] != 100):
        sent, forward = _forward(target, both)
        params["DefaultActions"], after["default_actions"] = [sent], [forward]
        traffic = decide(where.pair or (), after["default_actions"], where.primary)
    attributes = changed(live.get("attributes", {}), wanted["attributes"])
    tag_change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    after["tags"] = tag_change.after
    if attributes:
        after["attributes"] = {**live["attributes"], **attributes}
    modify = [Step("ModifyListener", {"ListenerArn": arn, **params})] if params else []
    steps = (*modify, *tls.steps, *_attribute_steps(arn, attributes), *tag_steps(arn, tag_change))
    return Plan(live, after, steps, traffic.as_result())


def _forward(target: str | None, both: tuple[str, str] | None) -> tuple[dict[str, Any], Action]:
    """The forward to a group, in AWS's shape and in ours; with `both` the other of the pair is named too, with weight 0 (rule ECS-N2)."""
    if not both:
        return {"Type": "forward", "TargetGroupArn": target}, {"type": "forward", "target_group_arn": target}
    weights = {arn: 100 if arn == target else 0 for arn in both}
    sent = [{"TargetGroupArn": arn, "Weight": weight} for arn, weight in weights.items()]
    ours: list[WeightedGroup] = [{"target_group_arn": arn, "weight": weight} for arn, weight in weights.items()]
    return (
        {"Type": "forward", "ForwardConfig": {"TargetGroups": sent}},
        {"type": "forward", "forward_config": {"target_groups": ours}},
    )


def _present(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}


def _traffic(wanted: dict[str, Any], live: dict[str, Any], where: Place) -> Traffic:
    """What the live listener does with the pair. A foreign forward is an error unless it is to be reset."""
    at = f"the listener at port {wanted['port']}"
    if where.pair is None:
        pair = " and ".join(wanted["target_group_pair"])
        raise RailyardError(f"{at} {described(live['default_actions'])}, but the target groups {pair} do not both exist", live=live)
    traffic = decide(where.pair, live["default_actions"], where.primary)
    if traffic.foreign and not wanted["force_forward"]:
        right = "the live tasks" if where.by_ecs else name(traffic.active or where.initial or where.pair[0])
        message = f"{at}: {traffic.problem}. To point the listener at {right}: {REPAIR}"
        raise RailyardError(message, live=live, repair=REPAIR, **traffic.as_result())
    return traffic


def _target(wanted: dict[str, Any], where: Place) -> str | None:
    """The group that a new or a forced forward names: the PRIMARY task set's before all (rule ECS-L2)."""
    if where.pair is None:
        return None
    if where.primary and where.primary not in where.pair:
        groups = " and ".join(wanted["target_group_pair"])
        raise RailyardError(f"the PRIMARY task set is behind {name(where.primary)}, which is not one of {groups}")
    return where.primary or where.initial or where.pair[0]


def _forced(wanted: dict[str, Any], where: Place, traffic: Traffic) -> str | None:
    """The group to which a live listener is reset, None when it is not. Live traffic is never moved on a guess."""
    if not wanted["force_forward"]:
        return None
    if not where.primary and not where.initial:
        if where.by_ecs and not traffic.foreign:
            return None
        lacks = "its tasks in both groups or in none" if where.by_ecs else "no PRIMARY task set behind a load balancer"
        raise RailyardError(f"force_forward: {wanted['ecs']} has {lacks}; say initial as well")
    return _target(wanted, where)


def _attribute_steps(arn: str | Output, attributes: dict[str, str]) -> list[Step]:
    return [Step("ModifyListenerAttributes", {"ListenerArn": arn, "Attributes": tags.as_pairs(attributes)})] if attributes else []
