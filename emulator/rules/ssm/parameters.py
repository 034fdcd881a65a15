"""What Parameter Store refuses. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"""

from __future__ import annotations

import json
import re
from typing import Any

from ... import world
from ...registry import rule
from ...services.ssm.parameter_store import DEFAULT_KEY, Parameter, parameters, select
from ...services.ssm.parameters import MOST_VERSIONS, STANDARD_SIZE, tier_of
from ...wire import Call, Refusal

PUT = "https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html"
NAMES = "https://docs.aws.amazon.com/systems-manager/latest/userguide/sysman-parameter-name-constraints.html"
TIERS = "https://docs.aws.amazon.com/systems-manager/latest/userguide/parameter-store-advanced-parameters.html"
INVALID = "ValidationException"
PREFIX = (
    'Parameter name: can\'t be prefixed with "{}" (case-insensitive). If formed as a path, it can consist of sub-paths divided by slash '
    "symbol; each sub-path can be formed as a mix of letters, numbers and the following 3 symbols .-_"
)
DATA_TYPES = ("text", "aws:ec2:image", "aws:ssm:integration")
POLICIES = {"Expiration", "ExpirationNotification", "NoChangeNotification"}
MOST_STANDARD = 10_000


def _before(call: Call) -> Parameter | None:
    return parameters(call).get(call.params["Name"])


@rule("SSM-P5", "ssm", "PutParameter", source=NAMES)
def name(call: Call) -> Refusal | None:
    """A name is fully qualified, of letters, digits and .-_ in at most 15 levels, and not AWS's."""
    wanted: str = call.params["Name"]
    lower = wanted.lower()
    if lower.startswith("/aws"):
        return Refusal("AccessDeniedException", f"No access to reserved parameter name: {wanted}.")
    if lower.startswith(("aws", "ssm", "/ssm")):
        return Refusal(INVALID, PREFIX.format("ssm" if lower.startswith("/") else 'aws" or "ssm'))
    if "/" in wanted and not wanted.startswith("/"):
        return Refusal(INVALID, "Parameter name must be a fully qualified name.")
    if wanted.endswith("/"):
        return Refusal(INVALID, "Parameter name must not end with slash.")
    if not re.fullmatch(r"(/?[A-Za-z0-9_.-]+)(/[A-Za-z0-9_.-]+)*", wanted):
        return Refusal(INVALID, PREFIX.format("ssm"))
    if wanted.count("/") > 15:
        words = f"Parameter name {wanted} has more than 15 levels: a hierarchy can have a maximum of 15 levels."
        return Refusal("HierarchyLevelLimitExceededException", words)
    if len(call.arn("ssm", f"parameter/{wanted.removeprefix('/')}")) > 1011:
        return Refusal(INVALID, "Parameter name: the maximum length of the fully qualified parameter name is 1011 characters.")
    return None


@rule("SSM-P2", "ssm", "PutParameter", source=PUT)
def tags_and_overwrite(call: Call) -> Refusal | None:
    """Tags are given when a parameter is created, never when it is overwritten."""
    if call.params.get("Overwrite") and call.params.get("Tags"):
        return Refusal(
            INVALID,
            "Invalid request: tags and overwrite can't be used together. To create a parameter with tags, please remove overwrite flag. "
            "To update tags for an existing parameter, please use AddTagsToResource or RemoveTagsFromResource.",
        )
    return None


@rule("SSM-P1", "ssm", "PutParameter", source=PUT)
def existing(call: Call) -> Refusal | None:
    """A new parameter needs a type; an existing one is only overwritten on request."""
    before = _before(call)
    if before is None and not call.params.get("Type"):
        return Refusal(INVALID, "A parameter type is required when you create a parameter.")
    if before is not None and not call.params.get("Overwrite"):
        words = "The parameter already exists. To overwrite this value, set the overwrite option in the request to true."
        return Refusal("ParameterAlreadyExists", words)
    return None


@rule("SSM-P6", "ssm", "PutParameter", source=PUT)
def type_change(call: Call) -> Refusal | None:
    """The type of a parameter does not change."""
    before, wanted = _before(call), call.params.get("Type")
    if before is None or not wanted or wanted == before.latest.type:
        return None
    return Refusal(
        "HierarchyTypeMismatchException",
        "Parameter Store doesn't support changing a parameter type in a hierarchy. For example, you can't change a parameter from a "
        "String type to a SecureString type. You must create a new, unique parameter.",
    )


@rule("SSM-P3", "ssm", "PutParameter", source=TIERS)
def size_and_tier(call: Call) -> Refusal | None:
    """4096 characters and no policies in the standard tier, 8192 in the advanced one, from which there is no way back."""
    wanted, before = call.params, _before(call)
    old = before.latest.tier if before else None
    size = len(wanted["Value"])
    if size == 0:
        words = "Value '' at 'value' failed to satisfy constraint: Member must have length greater than or equal to 1."
        return Refusal(INVALID, f"1 validation error detected: {words}")
    if wanted.get("Tier") == "Standard" and old == "Advanced":
        return Refusal(
            INVALID,
            "This parameter uses the advanced-parameter tier. You can't downgrade a parameter from the advanced-parameter tier to the "
            "standard-parameter tier. If necessary, you can delete the advanced parameter and recreate it as a standard parameter.",
        )
    if tier_of(wanted.get("Tier"), wanted["Value"], bool(wanted.get("Policies")), old) == "Advanced":
        words = "Advanced tier parameters support a maximum parameter value of 8192 characters."
        return Refusal(INVALID, words) if size > 8192 else None
    if size > STANDARD_SIZE:
        return Refusal(
            INVALID,
            "Standard tier parameters support a maximum parameter value of 4096 characters. To create a larger parameter value, "
            f"upgrade the parameter to use the advanced-parameter tier. For more information, see {TIERS}",
        )
    if wanted.get("Policies"):
        return Refusal(INVALID, "Parameter policies are only supported for parameters that use the advanced-parameter tier.")
    return None


@rule("SSM-P3", "ssm", "PutParameter", source=TIERS)
def policies(call: Call) -> Refusal | None:
    """Policies are a JSON list of Expiration, ExpirationNotification and NoChangeNotification."""
    text = call.params.get("Policies", "[]").strip()
    if text == "{}":
        return None
    try:
        listed: Any = json.loads(text)
    except ValueError:
        listed = None
    if not isinstance(listed, list) or not all(isinstance(policy, dict) for policy in listed):
        return Refusal("InvalidPolicyAttributeException", "The policies request is not a valid JSON list of policies.")
    if len(listed) > 10:
        return Refusal(
            "PoliciesLimitExceededException", "You specified more than the maximum number of allowed policies for the parameter."
        )
    for policy in filter(None, listed):
        if policy.get("Type") not in POLICIES:
            kinds = ", ".join(sorted(POLICIES))
            return Refusal("InvalidPolicyTypeException", f"The policy type isn't supported. Parameter Store supports these: {kinds}.")
        if not isinstance(policy.get("Attributes"), dict):
            return Refusal("InvalidPolicyAttributeException", "A policy attribute or its value is invalid.")
    return None


@rule("SSM-P4", "ssm", "PutParameter", source=PUT)
def nested(call: Call) -> Refusal | None:
    """A value does not refer to another parameter."""
    if re.search(r"\{\{.*\}\}", call.params["Value"]):
        return Refusal(INVALID, 'Parameter value can\'t nest another parameter. Do not use "{{}}" in the value.')
    return None


@rule("SSM-own-pattern", "ssm", "PutParameter", source=PUT)
def allowed_pattern(call: Call) -> Refusal | None:
    """A value matches the parameter's own pattern."""
    before = _before(call)
    pattern = call.params.get("AllowedPattern", before.latest.allowed_pattern if before else "")
    try:
        if pattern and not re.search(pattern, call.params["Value"]):
            words = f"Parameter value, cannot be validated against allowedPattern: {pattern}"
            return Refusal("ParameterPatternMismatchException", words)
    except re.error:
        return Refusal("InvalidAllowedPatternException", "The request doesn't meet the regular expression requirement.")
    return None


@rule("SSM-own-data-type", "ssm", "PutParameter", source=PUT)
def data_type(call: Call) -> Refusal | None:
    """There are three data types."""
    wanted = call.params.get("DataType") or "text"
    if wanted in DATA_TYPES:
        return None
    return Refusal(INVALID, f"The following data type is not supported: {wanted} (Data type names are all lowercase.)")


@rule("SSM-P8", "ssm", "PutParameter", source=PUT)
def limits(call: Call) -> Refusal | None:
    """100 versions are kept, but a labelled one is not dropped; 10,000 standard parameters in a Region."""
    before = _before(call)
    if before is None:
        standard = sum(each.latest.tier == "Standard" for each in parameters(call).values())
        full = standard >= MOST_STANDARD and call.params.get("Tier") in (None, "Standard")
        words = "You have exceeded the number of parameters for this AWS account. Delete one or more parameters and try again."
        return Refusal("ParameterLimitExceeded", words) if full else None
    oldest = before.versions[0]
    if len(before.versions) < MOST_VERSIONS or not oldest.labels:
        return None
    return Refusal(
        "ParameterMaxVersionLimitExceeded",
        f"You attempted to create a new version of {before.name} by calling the PutParameter API with the overwrite flag. Version "
        f"{oldest.number}, the oldest version, can't be deleted because it has a label associated with it. Move the label to another "
        "version of the parameter, and try again.",
    )


def _unusable(call: Call, key: str) -> Refusal | None:
    if key == DEFAULT_KEY or key.endswith(f":{DEFAULT_KEY}"):
        return None
    try:
        described = world.aws(call, "kms", "DescribeKey", KeyId=key)["KeyMetadata"]
    except Refusal as refusal:
        return Refusal("InvalidKeyId", refusal.message or f"Invalid keyId {key}")
    state = described.get("KeyState", "Enabled")
    return None if state == "Enabled" else Refusal("InvalidKeyId", f"{described['Arn']} is {'disabled' if state == 'Disabled' else state}.")


@rule("SSM-P9", "ssm", "PutParameter", source=PUT)
def key_exists(call: Call) -> Refusal | None:
    """The key of a SecureString exists and is enabled; no other type has one."""
    before, key = _before(call), call.params.get("KeyId")
    kind = call.params.get("Type") or (before.latest.type if before else "")
    if key and kind != "SecureString":
        return Refusal(INVALID, "KeyId is required for SecureString type parameter only.")
    return _unusable(call, key) if key else None


@rule(
    "SSM-P9",
    "ssm",
    "GetParameter",
    "GetParameters",
    source="https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html",
)
def key_decrypts(call: Call) -> Refusal | None:
    """A SecureString is decrypted with a key that is there and enabled."""
    if not call.params.get("WithDecryption"):
        return None
    for reference in call.params.get("Names") or [call.params.get("Name", "")]:
        try:
            _, version, _ = select(call, reference)
        except Refusal:
            continue
        if version.key_id and (refusal := _unusable(call, version.key_id)) is not None:
            return refusal
    return None


@rule(
    "SSM-own-tags",
    "ssm",
    "PutParameter",
    "AddTagsToResource",
    source="https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html",
)
def tags(call: Call) -> Refusal | None:
    """Keys of tags are nobody's but AWS's when they begin with `aws:`; a parameter has at most 50."""
    listed = call.params.get("Tags", [])
    if any(tag["Key"].lower().startswith("aws:") for tag in listed):
        return Refusal(INVALID, "aws: prefixed tag key names are not allowed for external use.")
    if call.operation == "PutParameter" and len(listed) > 50:
        return Refusal(INVALID, "Number of tags specified exceeds the limit of 50.")
    return None
