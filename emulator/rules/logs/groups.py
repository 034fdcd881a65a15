"""What CloudWatch Logs refuses. https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/"""

from __future__ import annotations

import json
import re

from ... import world
from ...authority.decision import Principal
from ...registry import rule
from ...services.iam import authority
from ...services.logs.patterns import PatternError, compiled
from ...services.logs.store import Group, groups
from ...wire import Call, Refusal

SOURCE = "https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_"
INVALID = "InvalidParameterException"
RETENTION = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653)
EVENT_OVERHEAD = 26
NEWEST_FIRST_SINCE = 1_704_067_200_000
BATCH = 1_048_576
KEY_ACTIONS = ("Encrypt", "Decrypt", "GenerateDataKey", "DescribeKey")


def _group(call: Call) -> Group | None:
    return groups(call).get(call.params["logGroupName"])


@rule("LOG-1", "logs", "PutRetentionPolicy", source=f"{SOURCE}PutRetentionPolicy.html")
def retention(call: Call) -> Refusal | None:
    """Retention is one of a list of days."""
    days = call.params["retentionInDays"]
    if days in RETENTION:
        return None
    allowed = ", ".join(map(str, RETENTION))
    words = f"Value '{days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [{allowed}]"
    return Refusal(INVALID, f"1 validation error detected: {words}")


@rule("LOG-2", "logs", "CreateLogGroup", source=f"{SOURCE}CreateLogGroup.html")
def reserved_name(call: Call) -> Refusal | None:
    """Names that begin with `aws/` are AWS's."""
    reserved = call.params["logGroupName"].lower().startswith("aws/")
    return Refusal(INVALID, "Log groups starting with AWS/ are reserved for AWS.") if reserved else None


@rule(
    "LOG-2",
    "logs",
    "PutMetricFilter",
    "PutSubscriptionFilter",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html",
)
def standard_class(call: Call) -> Refusal | None:
    """Only groups of the standard class have filters."""
    group = _group(call)
    special = group is not None and group.kind != "STANDARD"
    return Refusal(INVALID, "This operation is only supported on the Standard log class.") if special else None


@rule("LOG-2", "logs", "PutMetricFilter", source=f"{SOURCE}MetricTransformation.html")
def transformation(call: Call) -> Refusal | None:
    """A metric has dimensions or a default value, at most three of the former, and no namespace of AWS."""
    for wanted in call.params["metricTransformations"]:
        if wanted.get("dimensions") and "defaultValue" in wanted:
            return Refusal(INVALID, "Invalid metric transformation: dimensions and default value are mutually exclusive properties.")
        if len(wanted.get("dimensions", {})) > 3:
            return Refusal(INVALID, "Invalid metric transformation: a metric filter can have at most three dimensions.")
        if wanted["metricNamespace"].startswith("AWS/"):
            return Refusal(INVALID, "Invalid metric transformation: metric namespace can not start with 'AWS/'.")
    return None


@rule(
    "LOG-own-pattern",
    "logs",
    "PutMetricFilter",
    "PutSubscriptionFilter",
    "FilterLogEvents",
    "TestMetricFilter",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html",
)
def pattern(call: Call) -> Refusal | None:
    """A filter pattern has a syntax."""
    try:
        compiled(call.params.get("filterPattern", ""))
    except PatternError:
        return Refusal(INVALID, f"Invalid filter pattern: {call.params['filterPattern']}")
    return None


@rule(
    "LOG-own-class",
    "logs",
    "GetLogEvents",
    "FilterLogEvents",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch_Logs_Log_Classes.html",
)
def searched_class(call: Call) -> Refusal | None:
    """Groups of the class for infrequent access are asked by Logs Insights alone."""
    name = call.params.get("logGroupName") or call.params.get("logGroupIdentifier", "").removesuffix(":*").rsplit(":log-group:", 1)[-1]
    group = groups(call).get(name)
    special = group is not None and group.kind == "INFREQUENT_ACCESS"
    return Refusal("InvalidOperationException", "This operation is only supported on the Standard log class.") if special else None


@rule("LOG-own-newest", "logs", "FilterLogEvents", source=f"{SOURCE}FilterLogEvents.html")
def newest_first(call: Call) -> Refusal | None:
    """The newest come first in events since 2024 only."""
    early = call.params.get("startFromHead") is False and call.params.get("startTime", 0) < NEWEST_FIRST_SINCE
    words = "startFromHead can be false only when startTime is on or after January 1, 2024 00:00:00 UTC."
    return Refusal(INVALID, words) if early and not call.params.get("nextToken") else None


def _admits(policy: str, call: Call, action: str, resource: str, **known: str) -> bool:
    """Whether the policy of a key or a function lets CloudWatch Logs use it, under its name or the Region's own."""
    names = (f"logs.{call.region}.amazonaws.com", "logs.amazonaws.com")
    return any(authority.admits(policy, Principal(service=name), action, resource, known) for name in names)


@rule(
    "LOG-3",
    "logs",
    "CreateLogGroup",
    "AssociateKmsKey",
    source="https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html",
)
def key(call: Call) -> Refusal | None:
    """The key is there, enabled, named by its ARN, and its policy admits CloudWatch Logs."""
    wanted = call.params.get("kmsKeyId")
    if not wanted or (call.operation == "AssociateKmsKey" and "logGroupName" in call.params and _group(call) is None):
        return None
    name = call.params.get("logGroupName", "")
    arn = call.arn("logs", f"log-group:{name}")
    refusal = Refusal(INVALID, f"The specified KMS key does not exist or is not allowed to be used with Arn '{arn}'")
    if not wanted.startswith("arn:"):
        return refusal
    try:
        described = world.aws(call, "kms", "DescribeKey", KeyId=wanted)["KeyMetadata"]
        policy = world.aws(call, "kms", "GetKeyPolicy", KeyId=described["KeyId"], PolicyName="default")["Policy"]
    except Refusal:
        return refusal
    known = {"kms:encryptioncontext:aws:logs:arn": arn, "aws:sourceaccount": call.account, "aws:sourcearn": arn}
    usable = all(_admits(policy, call, f"kms:{action}", described["Arn"], **known) for action in KEY_ACTIONS)
    return None if usable and described.get("KeyState", "Enabled") == "Enabled" else refusal


@rule("LOG-own-protection", "logs", "DeleteLogGroup", source=f"{SOURCE}PutLogGroupDeletionProtection.html")
def protection(call: Call) -> Refusal | None:
    """A protected group is not deleted."""
    group = _group(call)
    if group is None or not group.protected:
        return None
    return Refusal("ValidationException", "The log group cannot be deleted because deletion protection is enabled for it.")


@rule("LOG-own-order", "logs", "DescribeLogStreams", source=f"{SOURCE}DescribeLogStreams.html")
def order(call: Call) -> Refusal | None:
    """Streams are ordered by time, or chosen by prefix."""
    both = call.params.get("orderBy") == "LastEventTime" and call.params.get("logStreamNamePrefix")
    return Refusal(INVALID, "Cannot order by LastEventTime with a logStreamNamePrefix.") if both else None


@rule("LOG-own-choice", "logs", "DescribeLogGroups", "FilterLogEvents", source=f"{SOURCE}FilterLogEvents.html")
def choice(call: Call) -> Refusal | None:
    """Groups by prefix or by pattern, streams by prefix or by name."""
    wanted = call.params
    if wanted.get("logGroupNamePrefix") and wanted.get("logGroupNamePattern"):
        return Refusal(INVALID, "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.")
    if wanted.get("logStreamNamePrefix") and wanted.get("logStreamNames"):
        return Refusal(INVALID, "logStreamNamePrefix and logStreamNames are mutually exclusive parameters.")
    return None


@rule("LOG-own-choice", "logs", "DescribeMetricFilters", source=f"{SOURCE}DescribeMetricFilters.html")
def whole_metric(call: Call) -> Refusal | None:
    """A metric has a name and a namespace."""
    half = ("metricName" in call.params) != ("metricNamespace" in call.params)
    return Refusal(INVALID, "metricName and metricNamespace must be specified together.") if half else None


@rule("LOG-own-tags", "logs", "TagResource", "UntagResource", "ListTagsForResource", source=f"{SOURCE}TagResource.html")
def tagged(call: Call) -> Refusal | None:
    """Tags are kept for what CloudWatch Logs owns."""
    ours = re.fullmatch(r"arn:aws[\w-]*:logs:[\w-]+:\d{12}:.+", call.params["resourceArn"])
    return None if ours else Refusal(INVALID, "The specified resource ARN is not valid.")


@rule("LOG-own-batch", "logs", "PutLogEvents", source=f"{SOURCE}PutLogEvents.html")
def batch(call: Call) -> Refusal | None:
    """A batch is in the order of time, within 24 hours and one MiB, 26 bytes of each event included."""
    events = call.params["logEvents"]
    times = [event["timestamp"] for event in events]
    if times != sorted(times):
        return Refusal(INVALID, "Log events in a single PutLogEvents request must be in chronological order.")
    if times[-1] - times[0] > 86_400_000:
        return Refusal(INVALID, "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
    size = sum(len(event["message"].encode()) + EVENT_OVERHEAD for event in events)
    return Refusal(INVALID, f"Upload too large: {size} bytes exceeds limit of {BATCH}") if size > BATCH else None


@rule("LOG-own-destination", "logs", "PutSubscriptionFilter", source=f"{SOURCE}PutSubscriptionFilter.html")
def destination(call: Call) -> Refusal | None:
    """Lambda, Kinesis, Firehose or a destination of Logs; the streams need a role."""
    parts = call.params["destinationArn"].split(":")
    vendor = parts[2] if len(parts) > 5 and parts[0] == "arn" else ""
    if vendor not in ("lambda", "kinesis", "firehose", "logs"):
        return Refusal(INVALID, "PutSubscriptionFilter operation cannot work with provided parameters.")
    if vendor in ("kinesis", "firehose") and not call.params.get("roleArn"):
        return Refusal(INVALID, f"destinationArn for vendor {vendor} requires roleArn.")
    if vendor == "lambda" and not _invokes(call):
        words = "Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function."
        return Refusal(INVALID, words)
    return None


def _invokes(call: Call) -> bool:
    """Whether the function of a subscription exists and its policy admits CloudWatch Logs."""
    function = world.backend("lambda", call).get_function_by_arn(call.params["destinationArn"])
    statements = function.policy.statements if function is not None and function.policy else []
    source = {"aws:sourceaccount": call.account, "aws:sourcearn": call.arn("logs", f"log-group:{call.params['logGroupName']}:*")}
    policy = json.dumps({"Statement": statements})
    return _admits(policy, call, "lambda:InvokeFunction", call.params["destinationArn"], **source)


@rule("LOG-own-tags", "logs", "CreateLogGroup", "TagLogGroup", "TagResource", source=f"{SOURCE}TagResource.html")
def tags(call: Call) -> Refusal | None:
    """Keys of tags that begin with `aws:` are AWS's."""
    reserved = any(key.lower().startswith("aws:") for key in call.params.get("tags", {}))
    return Refusal(INVALID, "aws: prefixed tag key names are not allowed for external use.") if reserved else None
