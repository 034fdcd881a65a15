"""Listeners, their certificates and their rules. https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_Listener.html"""

from __future__ import annotations

import secrets
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import shapes, store, targets

DEFAULT_POLICY = "ELBSecurityPolicy-2016-08"
ATTRIBUTES = {
    "application": {
        **{
            f"routing.http.request.x_amzn_{name}.header_name": ""
            for name in (
                "mtls_clientcert_serial_number",
                "mtls_clientcert_issuer",
                "mtls_clientcert_subject",
                "mtls_clientcert_validity",
                "mtls_clientcert_leaf",
                "mtls_clientcert",
                "tls_version",
                "tls_cipher_suite",
            )
        },
        "routing.http.response.server.enabled": "true",
        "routing.http.response.strict_transport_security.header_value": "",
        "routing.http.response.access_control_allow_origin.header_value": "",
        "routing.http.response.access_control_allow_methods.header_value": "",
        "routing.http.response.access_control_allow_headers.header_value": "",
        "routing.http.response.access_control_allow_credentials.header_value": "",
        "routing.http.response.access_control_expose_headers.header_value": "",
        "routing.http.response.access_control_max_age.header_value": "",
        "routing.http.response.content_security_policy.header_value": "",
        "routing.http.response.x_content_type_options.header_value": "",
        "routing.http.response.x_frame_options.header_value": "",
    },
    "network": {"tcp.idle_timeout.seconds": "350"},
    "gateway": {"tcp.idle_timeout.seconds": "350"},
}


def _actions(given: list[dict[str, Any]]) -> list[Any]:
    return [store.Action(shapes.action(action)) for action in given]


def _certificates(call: Call) -> list[str]:
    return [certificate["CertificateArn"] for certificate in call.params.get("Certificates", [])]


@operation("elbv2", "CreateListener")
def create_listener(call: Call) -> dict[str, Any]:
    """Creating the same listener again answers with the one that is there."""
    params = call.params
    balancer = store.load_balancer(call, params["LoadBalancerArn"])
    certificates, actions = _certificates(call), _actions(params["DefaultActions"])
    for present in balancer.listeners.values():
        if present.port == params.get("Port"):
            same = present.protocol == params.get("Protocol") and present.certificates[:1] == certificates
            if same and [action.data for action in present.default_actions] == [action.data for action in actions]:
                return {"Listeners": [shapes.listener(present)]}
            raise Refusal("DuplicateListener", "A listener already exists on this port for this load balancer")
    listener = store.Listener(
        load_balancer_arn=balancer.arn,
        arn=balancer.arn.replace(":loadbalancer/", ":listener/") + f"/{secrets.token_hex(8)}",
        protocol=params.get("Protocol", ""),
        port=params.get("Port"),
        ssl_policy=params.get("SslPolicy", DEFAULT_POLICY),
        certificate=certificates[0] if certificates else None,
        default_actions=actions,
        alpn_policy=params.get("AlpnPolicy", []),
    )
    default = listener._default_rule[0]
    default.arn = listener.arn.replace(":listener/", ":listener-rule/") + f"/{secrets.token_hex(8)}"
    listener.attributes = dict(ATTRIBUTES[balancer.type])
    balancer.listeners[listener.arn] = listener
    store.tags(call).tag_resource(listener.arn, params.get("Tags", []))
    targets.notice(call)
    return {"Listeners": [shapes.listener(listener)]}


@operation("elbv2", "DescribeListeners")
def describe_listeners(call: Call) -> dict[str, Any]:
    if arns := call.params.get("ListenerArns"):
        found = [store.listener(call, arn) for arn in arns]
    else:
        found = list(store.load_balancer(call, call.params["LoadBalancerArn"]).listeners.values())
    return store.page(call, found, "Listeners", shapes.listener)


@operation("elbv2", "ModifyListener")
def modify_listener(call: Call) -> dict[str, Any]:
    """Omitted members stay; actions are replaced whole."""
    params = call.params
    listener = store.listener(call, params["ListenerArn"])
    listener.port = params.get("Port", listener.port)
    listener.protocol = params.get("Protocol", listener.protocol)
    listener.ssl_policy = params.get("SslPolicy", listener.ssl_policy)
    listener.alpn_policy = params.get("AlpnPolicy", listener.alpn_policy)
    if certificates := _certificates(call):
        listener.certificates = certificates + [arn for arn in listener.certificates[1:] if arn not in certificates]
        listener.certificate = certificates[0]
    if listener.protocol not in ("HTTPS", "TLS"):
        listener.certificates, listener.certificate = [], None
    if params.get("DefaultActions"):
        listener.default_actions = _actions(params["DefaultActions"])
        listener._default_rule[0].actions = listener.default_actions
    targets.notice(call)
    return {"Listeners": [shapes.listener(listener)]}


@operation("elbv2", "DeleteListener")
def delete_listener(call: Call) -> dict[str, Any]:
    listener = store.listener(call, call.params["ListenerArn"])
    del store.load_balancer(call, listener.load_balancer_arn).listeners[listener.arn]
    for found in (listener, *listener.rules.values()):
        store.tags(call).delete_all_tags_for_resource(found.arn)
    targets.notice(call)
    return {}


def _pairs(attributes: dict[str, str]) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in attributes.items()]


@operation("elbv2", "DescribeListenerAttributes")
def describe_listener_attributes(call: Call) -> dict[str, Any]:
    return {"Attributes": _pairs(store.listener(call, call.params["ListenerArn"]).attributes)}


@operation("elbv2", "ModifyListenerAttributes")
def modify_listener_attributes(call: Call) -> dict[str, Any]:
    listener = store.listener(call, call.params["ListenerArn"])
    listener.attributes.update({pair["Key"]: pair.get("Value", "") for pair in call.params["Attributes"]})
    return {"Attributes": _pairs(listener.attributes)}


@operation("elbv2", "AddListenerCertificates")
def add_listener_certificates(call: Call) -> dict[str, Any]:
    listener = store.listener(call, call.params["ListenerArn"])
    added = [arn for arn in _certificates(call) if arn not in listener.certificates]
    listener.certificates = listener.certificates + added
    return {"Certificates": [{"CertificateArn": arn, "IsDefault": False} for arn in _certificates(call)]}


@operation("elbv2", "DescribeListenerCertificates")
def describe_listener_certificates(call: Call) -> dict[str, Any]:
    listener = store.listener(call, call.params["ListenerArn"])
    numbered = list(enumerate(listener.certificates))
    return store.page(call, numbered, "Certificates", lambda item: {"CertificateArn": item[1], "IsDefault": item[0] == 0})


@operation("elbv2", "RemoveListenerCertificates")
def remove_listener_certificates(call: Call) -> dict[str, Any]:
    listener = store.listener(call, call.params["ListenerArn"])
    listener.certificates = [arn for arn in listener.certificates if arn not in _certificates(call)]
    return {}


@operation("elbv2", "CreateRule")
def create_rule(call: Call) -> dict[str, Any]:
    listener = store.listener(call, call.params["ListenerArn"])
    rule = store.ListenerRule(
        listener_arn=listener.arn,
        arn=listener.arn.replace(":listener/", ":listener-rule/") + f"/{secrets.token_hex(8)}",
        conditions=[shapes.condition(condition) for condition in call.params["Conditions"]],
        priority=call.params["Priority"],
        actions=_actions(call.params["Actions"]),
    )
    listener.register(rule.arn, rule)
    store.tags(call).tag_resource(rule.arn, call.params.get("Tags", []))
    targets.notice(call)
    return {"Rules": [shapes.rule(rule)]}


@operation("elbv2", "DescribeRules")
def describe_rules(call: Call) -> dict[str, Any]:
    if arns := call.params.get("RuleArns"):
        found = [store.rule(call, arn)[0] for arn in arns]
    else:
        found = list(store.listener(call, call.params["ListenerArn"]).rules.values())
        found.sort(key=lambda rule: float("inf") if rule.is_default else rule.priority)
    return store.page(call, found, "Rules", shapes.rule)


@operation("elbv2", "ModifyRule")
def modify_rule(call: Call) -> dict[str, Any]:
    rule, _ = store.rule(call, call.params["RuleArn"])
    if call.params.get("Conditions"):
        rule.conditions = [shapes.condition(condition) for condition in call.params["Conditions"]]
    if call.params.get("Actions"):
        rule.actions = _actions(call.params["Actions"])
    targets.notice(call)
    return {"Rules": [shapes.rule(rule)]}


@operation("elbv2", "DeleteRule")
def delete_rule(call: Call) -> dict[str, Any]:
    rule, listener = store.rule(call, call.params["RuleArn"])
    listener.remove_rule(rule.arn)
    store.tags(call).delete_all_tags_for_resource(rule.arn)
    targets.notice(call)
    return {}


@operation("elbv2", "SetRulePriorities")
def set_rule_priorities(call: Call) -> dict[str, Any]:
    changed = []
    for wanted in call.params["RulePriorities"]:
        rule, _ = store.rule(call, wanted["RuleArn"])
        rule.priority = wanted["Priority"]
        changed.append(rule)
    return {"Rules": [shapes.rule(rule) for rule in changed]}
