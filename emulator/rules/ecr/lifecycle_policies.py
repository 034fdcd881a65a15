"""ECR: what is no lifecycle policy. https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from ...registry import rule
from ...wire import Call, Refusal

SOURCE = "https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html"
SINCE = ("sinceImagePushed", "sinceImagePulled", "sinceImageTransitioned")
RULE = {"rulePriority", "description", "selection", "action"}
SELECTION = {"tagStatus", "tagPrefixList", "tagPatternList", "storageClass", "countType", "countUnit", "countNumber"}


@rule("ECR-3", "ecr", "PutLifecyclePolicy", "StartLifecyclePolicyPreview", source=SOURCE)
def lifecycle(call: Call) -> Refusal | None:
    """A lifecycle policy has 1 to 50 rules with unique priorities and one selection each; the rule for any image comes last."""
    text = call.params.get("lifecyclePolicyText")
    if text is None:
        return None
    for words in _wrong(text):
        constraint = f"Lifecycle policy parsing failure:\\n{words}"
        return Refusal(
            "InvalidParameterException",
            f"Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: '{constraint}'",
        )
    return None


def _wrong(text: str) -> Iterator[str]:
    try:
        policy = json.loads(text)
    except ValueError:
        yield "the text is not JSON"
        return
    rules = policy.get("rules") if isinstance(policy, dict) else None
    if not isinstance(rules, list) or set(policy) != {"rules"} or not all(isinstance(each, dict) for each in rules):
        yield "object has missing or unknown properties: it has rules, a list of objects"
        return
    if not 1 <= len(rules) <= 50:
        yield f"there are {len(rules)} rules; there must be 1 to 50"
    for number, each in enumerate(rules):
        yield from (f"rule {number + 1}: {words}" for words in _wrong_rule(each))
    yield from _wrong_order(rules)


def _wrong_rule(each: dict[str, Any]) -> Iterator[str]:
    missing, unknown = RULE - {"description"} - set(each), set(each) - RULE
    if missing or unknown:
        yield f"object has missing properties {sorted(missing)} or unknown properties {sorted(unknown)}"
        return
    if not _whole(each["rulePriority"]):
        yield "rulePriority is a whole number of at least 1"
    if not isinstance(each["selection"], dict) or not isinstance(each["action"], dict):
        yield "selection and action are objects"
        return
    yield from _wrong_selection(each["selection"])
    yield from _wrong_action(each["action"], each["selection"])


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _wrong_selection(selection: dict[str, Any]) -> Iterator[str]:
    if unknown := set(selection) - SELECTION:
        yield f"object has unknown properties {sorted(unknown)}"
    status, kind = selection.get("tagStatus"), selection.get("countType")
    if status not in ("tagged", "untagged", "any"):
        yield "tagStatus is tagged, untagged or any"
    yield from _wrong_tags(selection, status == "tagged")
    if kind not in ("imageCountMoreThan", *SINCE):
        yield "countType is imageCountMoreThan, sinceImagePushed, sinceImagePulled or sinceImageTransitioned"
    elif (kind in SINCE) is not ("countUnit" in selection):
        yield "countUnit is required with sinceImagePushed, and not allowed with imageCountMoreThan"
    if selection.get("countUnit", "days") != "days":
        yield "countUnit is days"
    if not _whole(selection.get("countNumber")):
        yield "countNumber is a whole number of at least 1"


def _wrong_tags(selection: dict[str, Any], tagged: bool) -> Iterator[str]:
    lists = [selection[name] for name in ("tagPrefixList", "tagPatternList") if selection.get(name) not in (None, [])]
    if tagged and len(lists) != 1:
        yield "exactly one of tagPrefixList and tagPatternList is required when tagStatus is tagged"
    if not tagged and lists:
        yield "tagPrefixList and tagPatternList are only allowed when tagStatus is tagged"
    for listed in lists:
        if not isinstance(listed, list) or not all(isinstance(text, str) and text for text in listed):
            yield "tagPrefixList and tagPatternList are lists of texts"
        elif any(text.count("*") > 4 for text in selection.get("tagPatternList", [])):
            yield "a tag pattern has at most four wildcards"


def _wrong_action(action: dict[str, Any], selection: dict[str, Any]) -> Iterator[str]:
    kind = action.get("type")
    if kind not in ("expire", "transition"):
        yield "the action's type is expire or transition"
    if kind == "expire" and set(action) != {"type"}:
        yield "an expire action has a type only"
    if kind == "transition" and action.get("targetStorageClass") != "archive":
        yield "a transition action has the targetStorageClass archive"
    if selection.get("storageClass", "standard") not in ("standard", "archive"):
        yield "storageClass is standard or archive"


def _wrong_order(rules: list[dict[str, Any]]) -> Iterator[str]:
    """Rules for any image come last, one for each storage class."""
    priorities = [each.get("rulePriority") for each in rules]
    if len({str(priority) for priority in priorities}) < len(priorities):
        yield "rulePriority must be unique"
        return
    selections = [each.get("selection") for each in rules]
    if not all(_whole(priority) for priority in priorities) or not all(isinstance(selection, dict) for selection in selections):
        return
    for kind in ("standard", "archive"):
        mine = [each for each in rules if each["selection"].get("storageClass", "standard") == kind]
        last = [each["rulePriority"] for each in mine if each["selection"].get("tagStatus") == "any"]
        if len(last) > 1:
            yield "only one rule can have the tagStatus any"
        elif last and last[0] != max(each["rulePriority"] for each in mine):
            yield "the rule with the tagStatus any must have the highest rulePriority"
