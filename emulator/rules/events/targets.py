"""What EventBridge refuses of targets and of API destinations. Words that AWS does not document are ours."""

from __future__ import annotations

import json
import re

from ...registry import rule
from ...services.events.transform import LINE, PLACE
from ...services.iam import authority
from ...wire import Call, Refusal

API = "https://docs.aws.amazon.com/eventbridge/latest/APIReference/"
GUIDE = "https://docs.aws.amazon.com/eventbridge/latest/userguide/"
INVALID = "ValidationException"
MOST = 5
PREDEFINED = re.compile(r"aws\.events\.")


@rule("EB-1", "events", "PutTargets", source=GUIDE + "eb-quota.html")
def how_many(call: Call) -> Refusal | None:
    """A rule has at most five targets, each with an id of its own."""
    ids = [each["Id"] for each in call.params["Targets"]]
    if len(set(ids)) > MOST:
        return Refusal("LimitExceededException", "The requested resource exceeds the maximum number allowed.")
    return Refusal(INVALID, "Duplicate target ids are not allowed.") if len(set(ids)) < len(ids) else None


@rule("EB-1", "events", "PutTargets", source=GUIDE + "eb-api-destinations.html")
def in_a_role(call: Call) -> Refusal | None:
    """EventBridge calls an API destination in a role."""
    wanting = [each["Id"] for each in call.params["Targets"] if ":api-destination/" in each["Arn"] and not each.get("RoleArn")]
    return Refusal(INVALID, f"RoleArn is required for target {wanting[0]}.") if wanting else None


@rule("EB-6", "events", "PutTargets", source="https://github.com/hashicorp/terraform-provider-aws/issues/13409")
def assumable(call: Call) -> Refusal | None:
    """EventBridge can be in the role of a target."""
    source = call.arn("events", f"rule/{call.params['Rule']}")
    for each in call.params["Targets"]:
        if each.get("RoleArn") and not authority.assumable(call, each["RoleArn"], "events.amazonaws.com", source):
            return Refusal(INVALID, f"Provided role '{each['RoleArn']}' cannot be assumed by principal 'events.amazonaws.com'.")
    return None


@rule("EB-2", "events", "PutTargets", source=API + "API_InputTransformer.html")
def one_input(call: Call) -> Refusal | None:
    """A target gets an input, a part of the event, or what a transformer makes, and not two of them."""
    for each in call.params["Targets"]:
        if len([name for name in ("Input", "InputPath", "InputTransformer") if each.get(name)]) > 1:
            return Refusal(INVALID, f"Only one of Input, InputPath, or InputTransformer must be provided for target {each['Id']}.")
    return None


@rule("EB-2", "events", "PutTargets", source=GUIDE + "eb-transform-target-input.html")
def transformer(call: Call) -> Refusal | None:
    """A template is JSON, or lines in quotes; what stands in angle brackets has a path."""
    for each in call.params["Targets"]:
        given = each.get("InputTransformer") or {}
        template, paths = given.get("InputTemplate", ""), given.get("InputPathsMap", {})
        unknown = [name for name in PLACE.findall(template) if name not in paths and not PREDEFINED.match(name)]
        if unknown:
            return Refusal(
                INVALID, f"InputTemplate for target {each['Id']} contains placeholder <{unknown[0]}> that is not in InputPathsMap."
            )
        if any(not path.startswith("$") or "['" in path for path in paths.values()):
            return Refusal(INVALID, f"InputPathsMap of target {each['Id']} contains an invalid JSON path.")
        if given and not _valid(template):
            return Refusal(INVALID, f"Invalid InputTemplate for target {each['Id']} : it is not valid JSON.")
    return None


def _valid(template: str) -> bool:
    filled = PLACE.sub("1", template)
    if template.lstrip().startswith(("{", "[")):
        try:
            json.loads(filled)
        except ValueError:
            return False
        return True
    return all(LINE.fullmatch(line.strip()) or re.fullmatch(r"[\w\s.-]*", line) for line in filled.splitlines())


@rule("EB-4", "events", "CreateApiDestination", "UpdateApiDestination", source=GUIDE + "eb-api-destinations.html")
def encrypted(call: Call) -> Refusal | None:
    """An endpoint is reached over HTTPS."""
    endpoint = call.params.get("InvocationEndpoint")
    if endpoint is not None and not re.match(r"https://[^/]+", endpoint):
        return Refusal(INVALID, "Parameter InvocationEndpoint is not valid. Reason: must be a valid HTTPS endpoint.")
    return None
