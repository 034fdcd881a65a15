# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Certificates and TLS policy of a listener: a default certificate in the listener itself, the others in a list beside it (rule ELB-7)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._core.plan import Output, Step

TLS = ("HTTPS", "TLS")
# AWS's API still makes listeners with a policy of 2016; this is what AWS recommends and its console chooses.
# https://docs.aws.amazon.com/elasticloadbalancing/latest/application/describe-ssl-policies.html
POLICY = "ELBSecurityPolicy-TLS13-1-2-2021-06"


@dataclass(frozen=True)
class Change:
    """`params` for CreateListener or ModifyListener, `steps` that follow it, `after` of the resource."""

    params: dict[str, Any] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    after: dict[str, Any] = field(default_factory=dict)


def find(client: Any, listener: dict[str, Any]) -> list[str]:
    """The certificates of a listener in AWS's shape, the default one first; [] when it has none."""
    default = [certificate["CertificateArn"] for certificate in listener.get("Certificates") or []][:1]
    if not default:
        return []
    found = aws.pages(client, "DescribeListenerCertificates", "Certificates", ListenerArn=listener["ListenerArn"])
    return default + sorted({certificate["CertificateArn"] for certificate in found} - set(default))


def validate(wanted: dict[str, Any]) -> None:
    """Rule ELB-7: HTTP and TCP take neither certificate nor policy."""
    given = [option for option in ("certificate_arns", "ssl_policy") if wanted[option]]
    if wanted["protocol"] not in TLS and given:
        raise RailyardError(f"{_named(wanted)} takes no {' and no '.join(given)}; HTTPS and TLS do")


def _named(wanted: dict[str, Any]) -> str:
    return f"the listener at port {wanted['port']} of protocol {wanted['protocol']}"


def plan(wanted: dict[str, Any], live: dict[str, Any] | None, arn: str | Output) -> Change:
    """What leads to the wanted certificates and policy. Certificates that are not wanted are removed only if purge_certificates."""
    before = live or {"certificate_arns": []}
    if wanted["protocol"] not in TLS:
        return Change(after={"certificate_arns": [], "ssl_policy": None})
    declared = wanted["certificate_arns"] or before["certificate_arns"]
    if not declared:
        raise RailyardError(f"{_named(wanted)} needs certificate_arns")
    policy = wanted["ssl_policy"] or before.get("ssl_policy") or POLICY
    params: dict[str, Any] = {}
    if policy != before.get("ssl_policy"):
        params["SslPolicy"] = policy
    if declared[:1] != before["certificate_arns"][:1]:
        params["Certificates"] = [{"CertificateArn": declared[0]}]
    beside = before["certificate_arns"][1:]
    add = [certificate for certificate in declared[1:] if certificate not in beside]
    remove = [certificate for certificate in beside if certificate not in declared] if wanted["purge_certificates"] else []
    after = sorted({*beside, *add} - {*remove, declared[0]})
    steps = (*_step("AddListenerCertificates", arn, add), *_step("RemoveListenerCertificates", arn, remove))
    return Change(params, steps, {"certificate_arns": [declared[0], *after], "ssl_policy": policy})


def _step(operation: str, arn: str | Output, certificates: list[str]) -> list[Step]:
    pairs = [{"CertificateArn": certificate} for certificate in certificates]
    return [Step(operation, {"ListenerArn": arn, "Certificates": pairs})] if pairs else []
