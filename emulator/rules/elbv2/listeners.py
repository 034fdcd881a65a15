"""What Elastic Load Balancing refuses of listeners, certificates, rules and actions."""

from __future__ import annotations

from collections import Counter
from typing import Any

from moto.elbv2.ssl_policies import SSL_POLICIES

from ... import world
from ...registry import rule
from ...services.elbv2 import shapes, store
from ...wire import Call, Refusal
from .load_balancers import API, GUIDE, invalid, quiet

SOURCE = API + "API_CreateListener.html"
LISTENERS = ("CreateListener", "ModifyListener")
RULES = ("CreateRule", "ModifyRule")
PROTOCOLS = {"application": ("HTTP", "HTTPS"), "network": ("TCP", "TLS", "UDP", "TCP_UDP", "QUIC", "TCP_QUIC"), "gateway": ()}
SECURE = ("HTTPS", "TLS")
BEHIND = {
    "HTTP": {"HTTP", "HTTPS"},
    "HTTPS": {"HTTP", "HTTPS"},
    "TCP": {"TCP", "TLS", "TCP_UDP"},
    "TLS": {"TCP", "TLS", "TCP_UDP"},
    "UDP": {"UDP", "TCP_UDP"},
    "TCP_UDP": {"TCP_UDP"},
}
ROUTING = ("forward", "redirect", "fixed-response")
CONFIGS = {
    "redirect": "RedirectConfig",
    "fixed-response": "FixedResponseConfig",
    "authenticate-oidc": "AuthenticateOidcConfig",
    "authenticate-cognito": "AuthenticateCognitoConfig",
}
CONTENT = ("text/plain", "text/css", "text/html", "application/javascript", "application/json")
BAD_CERTIFICATE = "must have a fully-qualified domain name, a supported signature, and a supported key size."


def _place(call: Call) -> tuple[Any, str, int | None, list[str]] | None:
    """Load balancer, protocol, port and certificates of the listener that the call makes, changes or adds a rule to."""
    params = call.params
    certificates = [certificate.get("CertificateArn", "") for certificate in params.get("Certificates", [])]
    if call.operation == "CreateListener":
        balancer = quiet(store.load_balancer, call, params["LoadBalancerArn"])
        return (balancer, str(params.get("Protocol") or ""), params.get("Port"), certificates) if balancer else None
    if call.operation == "ModifyRule":
        pair = quiet(store.rule, call, params["RuleArn"])
        found = pair[1] if pair else None
    else:
        found = quiet(store.listener, call, params["ListenerArn"])
    if found is None:
        return None
    balancer = store.load_balancer(call, found.load_balancer_arn)
    return balancer, params.get("Protocol", found.protocol), params.get("Port", found.port), certificates or found.certificates[:1]


@rule("ELB-7", "elbv2", *LISTENERS, source=SOURCE)
def protocol(call: Call) -> Refusal | None:
    """A listener has a port and a protocol of its kind of load balancer."""
    place = _place(call)
    if place is None or place[0].type == "gateway":
        return None
    balancer, given, port, _ = place
    if port is None:
        return invalid("A listener port must be specified")
    if not given:
        return invalid("A listener protocol must be specified")
    if given not in PROTOCOLS[balancer.type]:
        return invalid(f"Listener protocol '{given}' must be one of '{', '.join(PROTOCOLS[balancer.type])}'")
    taken = [item for item in balancer.listeners.values() if item.port == port]
    if call.operation == "ModifyListener" and any(item.arn != call.params["ListenerArn"] for item in taken):
        return Refusal("DuplicateListener", "A listener already exists on this port for this load balancer")
    if call.operation == "CreateListener" and len(balancer.listeners) >= 50:
        return Refusal("TooManyListeners", "The maximum number of listeners per load balancer is 50")
    return None


@rule("ELB-7", "elbv2", *LISTENERS, source=GUIDE + "create-https-listener.html")
def certificate(call: Call) -> Refusal | None:
    """A secure listener has exactly one issued certificate of this Region and a known policy; any other has neither."""
    place = _place(call)
    if place is None:
        return None
    _, given, _, certificates = place
    asked, policy = call.params.get("Certificates", []), call.params.get("SslPolicy")
    if given not in SECURE:
        if asked:
            return invalid(f"Certificates cannot be specified for {given} listeners")
        return invalid(f"An SSL policy cannot be specified for {given} listeners") if policy else None
    if len(asked) > 1:
        return invalid("You must provide a list containing exactly one certificate if the listener protocol is HTTPS.")
    if not certificates:
        return invalid(f"A certificate must be specified for {given} listeners")
    if policy and policy not in SSL_POLICIES:
        return Refusal("SSLPolicyNotFound", f"SSL policy '{policy}' not found")
    return issued(call, certificates[0]) if asked else None


def issued(call: Call, arn: str) -> Refusal | None:
    """Refuse a certificate that is not there, or not issued."""
    parts = arn.split(":")
    if len(parts) < 6 or parts[2] not in ("acm", "iam"):
        return invalid(f"Certificate ARN '{arn}' is not valid")
    missing = Refusal("CertificateNotFound", f"Certificate '{arn}' not found")
    if parts[2] == "iam":
        return None if world.backend("iam", call).get_certificate_by_arn(arn) else missing
    if parts[3] != call.region:
        return invalid(f"Certificate ARN '{arn}' is not valid")
    try:
        status = world.aws(call, "acm", "DescribeCertificate", CertificateArn=arn)["Certificate"]["Status"]
    except Refusal:
        return missing
    return None if status == "ISSUED" else Refusal("UnsupportedCertificate", f"The certificate '{arn}' {BAD_CERTIFICATE}")


@rule("ELB-7", "elbv2", "AddListenerCertificates", "RemoveListenerCertificates", source=API + "API_AddListenerCertificates.html")
def more_certificates(call: Call) -> Refusal | None:
    """More certificates on a secure listener only; its default one stays."""
    found = quiet(store.listener, call, call.params["ListenerArn"])
    if found is None:
        return None
    if found.protocol not in SECURE:
        return invalid(f"Certificates cannot be specified for {found.protocol} listeners")
    for given in call.params["Certificates"]:
        arn = given["CertificateArn"]
        if call.operation == "AddListenerCertificates" and (refusal := issued(call, arn)):
            return refusal
        if call.operation == "RemoveListenerCertificates" and arn == found.certificates[0]:
            return Refusal("OperationNotPermitted", "The default certificate of a listener cannot be removed")
    if call.operation == "AddListenerCertificates" and len(found.certificates) + len(call.params["Certificates"]) > 26:
        return Refusal("TooManyCertificates", "You've reached the limit on the number of certificates per load balancer")
    return None


@rule("ELB-8", "elbv2", *LISTENERS, *RULES, source=API + "API_Action.html")
def actions(call: Call) -> Refusal | None:
    """Actions are in order, the last one routes, each has what its type needs."""
    given = call.params.get("DefaultActions" if call.operation in LISTENERS else "Actions")
    place = _place(call)
    if given is None or place is None:
        return None
    if not given:
        return invalid("An action must be specified")
    if len(given) > 1 and len({action.get("Order") for action in given} - {None}) < len(given):
        return invalid("Each action must have an order of its own")
    ordered = sorted(given, key=lambda action: action.get("Order", 1))
    if ordered[-1]["Type"] not in ROUTING or any(action["Type"] in ROUTING for action in ordered[:-1]):
        return invalid("The last action, and only the last one, must be of type forward, redirect or fixed-response")
    return next((refusal for action in given if (refusal := _action(call, place, action))), None)


def _action(call: Call, place: tuple[Any, str, int | None, list[str]], action: dict[str, Any]) -> Refusal | None:
    kind, (balancer, given, port, _) = action["Type"], place
    if balancer.type != "application" and kind != "forward":
        return Refusal("InvalidLoadBalancerAction", f"Action type '{kind}' is not supported for {balancer.type} load balancers")
    if kind == "forward":
        return _forward(call, balancer, given, action)
    config = action.get(CONFIGS.get(kind, ""))
    if not config:
        return invalid(f"A {CONFIGS.get(kind, 'configuration')} must be specified for actions of type '{kind}'")
    if kind.startswith("authenticate") and given != "HTTPS":
        return Refusal("InvalidLoadBalancerAction", f"Action type '{kind}' requires an HTTPS listener")
    if kind == "fixed-response" and config.get("ContentType", CONTENT[0]) not in CONTENT:
        return Refusal("InvalidLoadBalancerAction", f"The ContentType must be one of: {', '.join(CONTENT)}")
    return _redirect(config, given, port, loop=call.operation in LISTENERS) if kind == "redirect" else None


def _redirect(config: dict[str, Any], given: str, port: int | None, *, loop: bool) -> Refusal | None:
    whole = {**shapes.REDIRECT, **config}
    if not whole["Path"].startswith("/"):
        return invalid(f"The redirect path '{whole['Path']}' must begin with '/'")
    if whole["Port"] != "#{port}" and not (whole["Port"].isdigit() and 1 <= int(whole["Port"]) <= 65535):
        return invalid(f"The redirect port '{whole['Port']}' is not valid")
    same = whole["Protocol"] in ("#{protocol}", given) and whole["Port"] in ("#{port}", str(port))
    untouched = all(whole[member] == shapes.REDIRECT[member] for member in ("Host", "Path", "Query"))
    plain = all(whole[member] == value for member, value in shapes.REDIRECT.items())
    if plain or (loop and same and untouched):
        text = "The redirect configuration is not valid because it creates a loop."
        return Refusal("InvalidLoadBalancerAction", text)
    return None


def _forward(call: Call, balancer: Any, given: str, action: dict[str, Any]) -> Refusal | None:
    config = action.get("ForwardConfig", {})
    tuples, single = config.get("TargetGroups", []), action.get("TargetGroupArn")
    arns = [entry.get("TargetGroupArn", "") for entry in tuples] or ([single] if single else [])
    if not arns:
        return invalid("A target group ARN must be specified for actions of type 'forward'")
    if single and tuples and arns != [single]:
        return invalid("You cannot specify both a target group ARN and a forward configuration that differs from it")
    if len(arns) > 5:
        return Refusal("TooManyTargetGroups", "The maximum number of target groups for an action is 5")
    if len(set(arns)) < len(arns):
        return invalid("Target group ARNs of a forward configuration must be unique")
    for entry in tuples:
        if not 0 <= entry.get("Weight", 1) <= 999:
            return invalid(f"The weight '{entry['Weight']}' of a target group must be between '0-999' inclusive")
    sticky = config.get("TargetGroupStickinessConfig", {})
    if sticky.get("Enabled") and not 1 <= sticky.get("DurationSeconds", 0) <= 604800:
        return invalid("Target group stickiness duration must be between '1-604800' seconds")
    return next((refusal for arn in arns if (refusal := _group(call, balancer, given, arn))), None)


def _group(call: Call, balancer: Any, given: str, arn: str) -> Refusal | None:
    """ELB-6: a target group fits the listener and belongs to no other load balancer."""
    group = store.backend(call).target_groups.get(arn)
    if group is None:
        return Refusal("TargetGroupNotFound", f"Target groups '{arn}' not found")
    if group.target_type == "lambda":
        return None
    if group.vpc_id != balancer.vpc_id:
        text = f"The target group '{arn}' and the load balancer '{balancer.arn}' have different VPCs"
        return Refusal("InvalidConfigurationRequest", text)
    if group.protocol not in BEHIND.get(given, {group.protocol}):
        text = f"The listener protocol '{given}' and the protocol '{group.protocol}' of the target group '{arn}' are incompatible"
        return Refusal("IncompatibleProtocols", text)
    if set(store.users(call, arn)) - {balancer.arn}:
        text = f"The following target groups cannot be associated with more than one load balancer: {arn}"
        return Refusal("TargetGroupAssociationLimit", text)
    return None


@rule("ELB-8", "elbv2", "CreateRule", "SetRulePriorities", source=API + "API_CreateRule.html")
def priority(call: Call) -> Refusal | None:
    """A priority is taken once on a listener."""
    if call.operation == "CreateRule":
        found = quiet(store.listener, call, call.params["ListenerArn"])
        wanted = {"": call.params["Priority"]}
    else:
        pairs = [(item["RuleArn"], item["Priority"]) for item in call.params["RulePriorities"]]
        twice = next((number for number, count in Counter(number for _, number in pairs).items() if count > 1), None)
        if twice is not None:
            return invalid(f"Priority '{twice}' was provided multiple times")
        wanted = dict(pairs)
        pair = quiet(store.rule, call, pairs[0][0]) if pairs else None
        found = pair[1] if pair else None
    if found is None:
        return None
    for item in found.rules.values():
        if item.arn in wanted and item.is_default:
            return Refusal("OperationNotPermitted", f"The priority of the default rule '{item.arn}' cannot be changed")
        if item.arn not in wanted and item.priority in wanted.values():
            return Refusal("PriorityInUse", f"Priority '{item.priority}' is currently in use")
    if call.operation == "CreateRule" and len(found.rules) > 100:
        return Refusal("TooManyRules", "The maximum number of rules per load balancer is 100")
    return None


@rule("ELB-8", "elbv2", "ModifyRule", "DeleteRule", source=API + "API_DeleteRule.html")
def default_rule(call: Call) -> Refusal | None:
    """The default rule belongs to its listener: ModifyListener changes it, nothing deletes it."""
    pair = quiet(store.rule, call, call.params["RuleArn"])
    if pair is None or not pair[0].is_default:
        return None
    verb = "deleted" if call.operation == "DeleteRule" else "modified"
    return Refusal("OperationNotPermitted", f"Default rule '{pair[0].arn}' cannot be {verb}")
