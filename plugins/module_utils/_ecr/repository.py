# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Private image repositories. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html"""

from __future__ import annotations

import json
import re
from typing import Any

from .._core import aws, tags
from .._core.errors import RailyardError
from .._core.plan import Plan, Step

PART = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
NAME = re.compile(rf"{PART}(?:/{PART})*")
ABSENT = {"RepositoryNotFoundException"}
RELEASED = 1000


def find(client: Any, name: str) -> dict[str, Any] | None:
    """The repository in our shape, with its lifecycle policy and tags, or None. Raises RailyardError for a bad name (rule ECR-1)."""
    if not NAME.fullmatch(name) or not 2 <= len(name) <= 256:
        raise RailyardError(
            f"{name!r} cannot be the name of a repository: lower-case letters and digits, parts joined by . _ - or / (ECR-1)"
        )
    found = aws.find(client, "DescribeRepositories", ABSENT, repositoryNames=[name])
    if found is None:
        return None
    item = found["repositories"][0]
    policy = aws.find(client, "GetLifecyclePolicy", {"LifecyclePolicyNotFoundException"}, repositoryName=name)
    pairs = aws.call(client, "ListTagsForResource", resourceArn=item["repositoryArn"]).get("tags")
    encryption = item.get("encryptionConfiguration", {})
    return {
        "repository_name": name,
        "repository_arn": item["repositoryArn"],
        "repository_uri": item["repositoryUri"],
        "image_tag_mutability": item["imageTagMutability"],
        "scan_on_push": item.get("imageScanningConfiguration", {}).get("scanOnPush", False),
        "encryption_type": encryption.get("encryptionType", "AES256"),
        "kms_key": encryption.get("kmsKey"),
        "lifecycle_rules": json.loads(policy["lifecyclePolicyText"])["rules"] if policy else [],
        "tags": tags.as_dict(pairs),
    }


def lifecycle_rules(keep: int | None, untagged_days: int | None) -> list[dict[str, Any]]:
    """AWS's lifecycle rules: untagged images go after some days, of the tagged ones the newest `keep` stay (rule ECR-3).

    A rule also protects what it selects from the rules after it. So images that were released are counted apart (`_release/retention.py`
    tags them): any number of pushed images may come, and the live one stays. Which released ones go is for releases to say.
    """
    rules: list[dict[str, Any]] = []
    if untagged_days:
        selection: dict[str, Any] = {"tagStatus": "untagged", "countType": "sinceImagePushed", "countUnit": "days"}
        rules.append(_rule(1, f"untagged images go after {untagged_days} days", {**selection, "countNumber": untagged_days}))
    if keep:
        rules.append(_rule(2, f"the newest {RELEASED} images that were released stay", _newest("release-*", RELEASED)))
        rules.append(_rule(3, f"of the other tagged images the newest {keep} stay", _newest("*", keep)))
    return rules


def _newest(pattern: str, number: int) -> dict[str, Any]:
    return {"tagStatus": "tagged", "tagPatternList": [pattern], "countType": "imageCountMoreThan", "countNumber": number}


def _rule(priority: int, description: str, selection: dict[str, Any]) -> dict[str, Any]:
    return {"rulePriority": priority, "description": description, "selection": selection, "action": {"type": "expire"}}


def make_plan(client: Any, wanted: dict[str, Any], live: dict[str, Any] | None) -> Plan:
    """`wanted`: the parameters of the module ecr_repository."""
    name = wanted["name"]
    if wanted["state"] == "absent":
        step = Step("DeleteRepository", {"repositoryName": name, "force": wanted["force"]}, already=tuple(ABSENT))
        return Plan(live, None, (step,) if live else ())
    if live is None:
        after = _declared(wanted, {"repository_name": name, "tags": {}})
        steps = [_creation(wanted, after)]
        if after["lifecycle_rules"]:
            steps.append(_lifecycle(name, after["lifecycle_rules"]))
        return Plan(None, after, tuple(steps))
    after = _declared(wanted, live)
    for fixed in ("encryption_type", "kms_key"):
        if wanted["kms_key"] is not None and after[fixed] != live[fixed]:
            message = f"repository {name} has {fixed} {live[fixed]}, which cannot become {after[fixed]}: encryption is chosen at creation"
            raise RailyardError(message, live=live)
    return Plan(live, after, tuple(_changes(wanted, live, after)))


def _declared(wanted: dict[str, Any], live: dict[str, Any]) -> dict[str, Any]:
    encryption = {"encryption_type": live.get("encryption_type", "AES256"), "kms_key": live.get("kms_key")}
    if wanted["kms_key"] is not None:
        encryption = {"encryption_type": "KMS", "kms_key": wanted["kms_key"]}
    return {
        **live,
        **encryption,
        "image_tag_mutability": wanted["image_tag_mutability"],
        "scan_on_push": wanted["scan_on_push"],
        "lifecycle_rules": lifecycle_rules(wanted["keep_images"], wanted["untagged_days"]),
        "tags": tags.change(live["tags"], wanted["tags"], wanted["purge_tags"]).after,
    }


def _creation(wanted: dict[str, Any], after: dict[str, Any]) -> Step:
    encryption = {"encryptionType": after["encryption_type"], **({"kmsKey": after["kms_key"]} if after["kms_key"] else {})}
    params = {
        "repositoryName": wanted["name"],
        "imageTagMutability": after["image_tag_mutability"],
        "imageScanningConfiguration": {"scanOnPush": after["scan_on_push"]},
        "encryptionConfiguration": encryption,
        "tags": tags.as_pairs(after["tags"]),
    }
    return Step("CreateRepository", params, already=("RepositoryAlreadyExistsException",))


def _lifecycle(name: str, rules: list[dict[str, Any]]) -> Step:
    if not rules:
        return Step("DeleteLifecyclePolicy", {"repositoryName": name}, already=("LifecyclePolicyNotFoundException",))
    return Step("PutLifecyclePolicy", {"repositoryName": name, "lifecyclePolicyText": json.dumps({"rules": rules})})


def _changes(wanted: dict[str, Any], live: dict[str, Any], after: dict[str, Any]) -> list[Step]:
    name, arn = wanted["name"], live["repository_arn"]
    change = tags.change(live["tags"], wanted["tags"], wanted["purge_tags"])
    steps = []
    if live["image_tag_mutability"] != after["image_tag_mutability"]:
        steps.append(Step("PutImageTagMutability", {"repositoryName": name, "imageTagMutability": after["image_tag_mutability"]}))
    if live["scan_on_push"] != after["scan_on_push"]:
        scanning = {"scanOnPush": after["scan_on_push"]}
        steps.append(Step("PutImageScanningConfiguration", {"repositoryName": name, "imageScanningConfiguration": scanning}))
    if live["lifecycle_rules"] != after["lifecycle_rules"]:
        steps.append(_lifecycle(name, after["lifecycle_rules"]))
    if change.put:
        steps.append(Step("TagResource", {"resourceArn": arn, "tags": tags.as_pairs(change.put)}))
    if change.remove:
        steps.append(Step("UntagResource", {"resourceArn": arn, "tagKeys": change.remove}))
    return steps
