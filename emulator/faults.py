"""What goes wrong between a client and AWS, as data; docs/emulator.md has the table of faults.

A fault is like {"fault": "lost", "operation": "ec2:CreateVpc", "occurrences": [1]}. `operation` is a pattern of `service:Operation`.
`occurrences` are ordinals among the calls of an operation, `first` that many calls of each different request, `writes` all calls after so
many that have changed something, `probability` a draw that depends on nothing but the seed, the fault's place in the list, the operation
and the ordinal. A call meets the first that it matches.
"""

from __future__ import annotations

import json
import random
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from . import pages, quotas, stale_reads, vanishing
from .journal import READ, Entry
from .refusal import Refusal
from .wire import Answer, Call, encode

KINDS = ("throttle", "error", "reset", "lost", "refuse", "fresh", "stale", "page", "quota", "vanish")
MEMBERS: dict[str, Any] = {
    "fault": str,
    "operation": str,
    "occurrences": list,
    "first": int,
    "writes": int,
    "probability": (int, float),
    "code": str,
    "message": str,
    "status": int,
    "uses": int,
    "seconds": (int, float),
    "most": int,
}
CHOICES = ("occurrences", "first", "writes", "probability")
# Services that say it in their own words; the others do as their protocol does.
THROTTLED = {
    "ec2": ("RequestLimitExceeded", "Request limit exceeded.", 503),
    "s3": ("SlowDown", "Please reduce your request rate.", 503),
    "query": ("Throttling", "Rate exceeded", 400),
    "json": ("ThrottlingException", "Rate exceeded", 400),
    "rest-json": ("TooManyRequestsException", "Rate exceeded", 429),
}
FAILED = {
    "ec2": ("InternalError", "An internal error has occurred", 500),
    "s3": ("InternalError", "We encountered an internal error. Please try again.", 500),
}
FAILURE = ("InternalFailure", "The request processing has failed because of an unknown error, exception or failure.", 500)


@dataclass(frozen=True)
class Fresh:
    """After `made` has succeeded, `operation` is refused for a while when its request names the same `member` (any, when there is none)."""

    made: str
    member: str
    operation: str
    code: str
    message: str


ROLE, POLICY, LINKED = ("iam:CreateRole", "RoleName"), ("s3:PutBucketPolicy", "Bucket"), ("iam:CreateServiceLinkedRole", "")
UNVERIFIED = "Unable to assume role and validate the specified targetGroupArn. Please verify that the ECS service role being passed has the"
# https://github.com/hashicorp/terraform-provider-aws repeats each of these for as long as two minutes.
FRESH = (
    Fresh(*ROLE, "ecs:RegisterTaskDefinition", "ClientException", "Role is not valid"),
    Fresh(*ROLE, "ecs:CreateService", "InvalidParameterException", f"{UNVERIFIED} proper permissions."),
    Fresh(*ROLE, "ecs:RunTask", "ClientException", "ECS was unable to assume the role that was provided for this task."),
    Fresh(
        *ROLE,
        "codedeploy:*DeploymentGroup",
        "InvalidRoleException",
        "AWS CodeDeploy does not have the permissions required to assume the role.",
    ),
    Fresh(*ROLE, "codebuild:*ateProject", "InvalidInputException", "CodeBuild is not authorized to perform: sts:AssumeRole on the role"),
    Fresh(
        *ROLE,
        "codepipeline:*atePipeline",
        "InvalidStructureException",
        "CodePipeline is not authorized to perform AssumeRole on role",
    ),
    Fresh(*ROLE, "ssm:CreateActivation", "ValidationException", "Nonexistent role or missing ssm service principal in trust policy"),
    Fresh(*ROLE, "rds:*DBInstance", "InvalidParameterValue", "IAM role ARN value is invalid or does not include the required permissions"),
    Fresh(
        *POLICY,
        "elbv2:ModifyLoadBalancerAttributes",
        "InvalidConfigurationRequest",
        "Access Denied for bucket: the bucket. Please check S3bucket permission",
    ),
    Fresh(*LINKED, "rds:CreateDBSubnetGroup", "InvalidParameterValue", "Missing necessary credentials"),
    Fresh(
        *LINKED,
        "rds:CreateDBInstance",
        "InvalidParameterValue",
        "Unable to create the resource. Verify that you have permission to create service linked role. Otherwise wait and try again later",
    ),
    Fresh(
        *LINKED,
        "ecs:CreateCluster",
        "InvalidParameterException",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
    ),
    Fresh(
        *LINKED,
        "ecs:CreateService",
        "InvalidParameterException",
        "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
    ),
)


class Broken(ConnectionError):
    """The connection ends here, without an answer."""


def read(word: str) -> list[dict[str, Any]]:
    """What a person types, `off` or a JSON file, as a list of faults. Raises ValueError."""
    try:
        faults = [] if word == "off" else json.loads(Path(word).read_text())
    except OSError as error:
        raise ValueError(f"faults are off or a JSON file, not {word!r} ({error.strerror})") from None
    except ValueError as error:
        raise ValueError(f"{word} is no JSON: {error}") from None
    return checked(faults)


def checked(faults: Any) -> list[dict[str, Any]]:
    """A list of faults. Raises ValueError that says which is wrong, and how."""
    if not isinstance(faults, list) or not all(isinstance(fault, dict) for fault in faults):
        raise ValueError('faults are a list like [{"fault": "lost", "operation": "ec2:Create*", "first": 1}]')
    for fault in faults:
        wrong = [name for name, value in fault.items() if not isinstance(value, MEMBERS.get(name, ())) or isinstance(value, bool)]
        if wrong or fault.get("fault") not in KINDS:
            raise ValueError(f"{fault!r}: wrong is {', '.join(wrong) or 'fault'}; there are {', '.join(MEMBERS)}, and {', '.join(KINDS)}")
        if len([name for name in CHOICES if name in fault]) > 1 or (fault["fault"] == "refuse" and not fault.get("code")):
            raise ValueError(f"{fault!r}: at most one of {', '.join(CHOICES)}, and for a refusal its code")
    return faults


class Faults:
    """One list in use, and what it has to remember."""

    def __init__(self, faults: list[dict[str, Any]], seed: int = 0) -> None:
        self.faults, self.seed = faults, seed
        self._ordinals: Counter[str] = Counter()
        self._requests: Counter[tuple[int, str, str]] = Counter()
        self._writes = 0
        self._made: Counter[tuple[str, str, str]] = Counter()
        self._fresh: dict[tuple[Fresh, str], Counter[str]] = {}
        self._lock = threading.Lock()

    @property
    def look_back(self) -> bool:
        return any(fault["fault"] == "stale" for fault in self.faults)

    def meet(self, call: Call) -> tuple[dict[str, Any], Refusal | None]:
        """The fault that this call meets, {} for none, and the refusal that it brings."""
        name, words = f"{call.service}:{call.operation}", json.dumps(call.params, sort_keys=True, default=str)
        with self._lock:
            self._ordinals[name] += 1
            for number, fault in enumerate(self.faults):
                if not fnmatchcase(name, fault.get("operation", "*")) or (fault["fault"] == "stale" and not READ.match(call.operation)):
                    continue
                if fault["fault"] == "quota" and (name not in quotas.QUOTAS or self._made[_place(call)] < fault.get("most", 0)):
                    continue
                unknown = self._unknown(name, words, fault.get("uses", 1)) if fault["fault"] == "fresh" else None
                if (fault["fault"] != "fresh" or unknown) and self._met(number, fault, name, words):
                    return fault, unknown or _refusal(fault, call)
        return {}, None

    def _met(self, number: int, fault: dict[str, Any], name: str, words: str) -> bool:
        ordinal = self._ordinals[name]
        if "occurrences" in fault:
            return bool(ordinal in fault["occurrences"])
        if "writes" in fault:
            return self._writes >= int(fault["writes"])
        if "first" in fault:
            self._requests[number, name, words] += 1
            return self._requests[number, name, words] <= int(fault["first"])
        return random.Random(f"{self.seed}/{number}/{name}/{ordinal}").random() < float(fault.get("probability", 1))

    def _unknown(self, name: str, words: str, uses: int) -> Refusal | None:
        """What a service says about a thing that it does not know yet."""
        for (fresh, thing), used in self._fresh.items():
            if fnmatchcase(name, fresh.operation) and thing in words and used[name] < uses:
                used[name] += 1
                return Refusal(fresh.code, fresh.message)
        return None

    def done(self, call: Call, error: str) -> None:
        """A call has succeeded, or failed with `error`."""
        if error or READ.match(call.operation):
            return
        with self._lock:
            self._writes += 1
            self._made[_place(call)] += 1
            stale = {number for number, fault in enumerate(self.faults) if fault["fault"] == "stale"}
            self._requests = Counter({key: count for key, count in self._requests.items() if key[0] not in stale})
            for fresh in FRESH:
                if fresh.made == f"{call.service}:{call.operation}":
                    self._fresh[fresh, str(call.params.get(fresh.member, ""))] = Counter()


_current = Faults([])


def use(faults: Any, seed: int = 0) -> None:
    """Meet these faults from now on, counted from here."""
    global _current
    _current = Faults(checked(faults), seed)
    stale_reads.forget()


def again() -> None:
    """The same faults, counted from here."""
    use(_current.faults, _current.seed)


def around(call: Call, entry: Entry, answered: Callable[[Call], tuple[Answer, str]]) -> Answer:
    """Answer a call, with what goes wrong; raises Broken. Holds the world's lock, as `answered` does."""
    current = _current
    if not current.faults:
        answer, entry.error = answered(call)
        return answer
    fault, refusal = current.meet(call)
    entry.fault = kind = fault.get("fault", "")
    if kind == "reset":
        entry.error = kind
        raise Broken
    if refusal:
        entry.error = refusal.code
        return encode(call, refusal)
    if kind == "stale" and (old := stale_reads.answer(call, fault.get("seconds"))) is not None:
        return old
    if kind == "page" and (page := pages.shortest(call)) is not None:
        answer, refused = answered(page)
        if not refused:
            return answer
    if current.look_back and not READ.match(call.operation):
        stale_reads.keep(answered)
    if kind == "vanish" and not vanishing.vanish(call, answered):
        entry.fault = ""
    answer, entry.error = answered(call)
    current.done(call, entry.error)
    if kind == "lost":
        entry.status = answer.status
        raise Broken
    return answer


def _place(call: Call) -> tuple[str, str, str]:
    return f"{call.service}:{call.operation}", call.account, call.region


def _refusal(fault: dict[str, Any], call: Call) -> Refusal | None:
    key = call.service if call.service in THROTTLED else call.protocol
    if fault["fault"] == "throttle":
        code, text, status = THROTTLED.get(key, THROTTLED["json"])
        return Refusal(code, text, status)
    if fault["fault"] == "error":
        code, text, status = FAILED.get(key, FAILURE)
        return Refusal(code, text, status)
    if fault["fault"] == "quota":
        return quotas.refusal(f"{call.service}:{call.operation}")
    if fault["fault"] == "refuse":
        return Refusal(fault["code"], fault.get("message", ""), fault.get("status", 400))
    return None
