"""ECR's lifecycle policies: what is none, what a preview says, what expires."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.emulator.test_ecr import _push
from tests.support.emulated import Emulated


def _policy(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": list(rules)}, indent=4).ljust(100)


def _rule(priority: int = 1, status: str = "untagged", **selection: Any) -> dict[str, Any]:
    count = {"countType": "imageCountMoreThan", "countNumber": 1}
    return {"rulePriority": priority, "selection": {"tagStatus": status, **count, **selection}, "action": {"type": "expire"}}


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "no".ljust(100),
        _policy(),
        _policy(*[_rule(number) for number in range(1, 52)]),
        _policy(_rule(0)),
        _policy(_rule(1), _rule(1)),
        _policy(_rule(1, "any"), _rule(2)),
        _policy(_rule(1, "any"), _rule(2, "any")),
        _policy(_rule(1, "tagged")),
        _policy(_rule(1, "tagged", tagPrefixList=["a"], tagPatternList=["b"])),
        _policy(_rule(1, "tagged", tagPrefixList=[])),
        _policy(_rule(1, "untagged", tagPrefixList=["a"])),
        _policy(_rule(1, "strange")),
        _policy(_rule(1, countUnit="days")),
        _policy(_rule(1, countType="sinceImagePushed")),
        _policy(_rule(1, countType="sinceImagePushed", countUnit="weeks")),
        _policy(_rule(1, countNumber=0)),
        _policy(_rule(1, more=1)),
        _policy({**_rule(1), "action": {"type": "burn"}}),
        _policy({**_rule(1), "more": 1}),
    ],
)
def test_what_is_no_lifecycle_policy(emulated: Emulated, text: str) -> None:
    emulated.client("ecr").create_repository(repositoryName="shop")
    for operation in ("put_lifecycle_policy", "start_lifecycle_policy_preview"):
        assert emulated.refused("ecr", operation, repositoryName="shop", lifecyclePolicyText=text)[0] == "InvalidParameterException"


@pytest.mark.usefixtures("slowly")
def test_a_lifecycle_policy_is_previewed_and_works(emulated: Emulated) -> None:
    ecr = emulated.client("ecr")
    ecr.create_repository(repositoryName="shop")
    missing = (
        "LifecyclePolicyNotFoundException",
        "Lifecycle policy does not exist for the repository with name 'shop' in the registry with id '123456789012'",
    )
    assert emulated.refused("ecr", "get_lifecycle_policy", repositoryName="shop") == missing
    assert emulated.refused("ecr", "get_lifecycle_policy_preview", repositoryName="shop")[0] == "LifecyclePolicyPreviewNotFoundException"
    _push(emulated, "a")
    _push(emulated, "b", "prod-1")
    _push(emulated, "c", "prod-2")
    text = _policy(_rule(2, "any", countNumber=2), _rule(1, "tagged", tagPrefixList=["prod-"], countNumber=1))
    ecr.start_lifecycle_policy_preview(repositoryName="shop", lifecyclePolicyText=text)
    assert (
        emulated.refused("ecr", "start_lifecycle_policy_preview", repositoryName="shop")[0] == "LifecyclePolicyPreviewInProgressException"
    )
    emulated.advance(10)
    preview = ecr.get_lifecycle_policy_preview(repositoryName="shop")
    assert preview["status"] == "COMPLETE"
    assert [(each["imageTags"], each["appliedRulePriority"]) for each in preview["previewResults"]] == [(["prod-1"], 1)]
    assert preview["summary"]["expiringImageTotalCount"] == 1
    assert ecr.put_lifecycle_policy(repositoryName="shop", lifecyclePolicyText=text)["lifecyclePolicyText"] == text
    assert json.loads(ecr.get_lifecycle_policy(repositoryName="shop")["lifecyclePolicyText"]) == json.loads(text)
    assert len(ecr.describe_images(repositoryName="shop")["imageDetails"]) == 3
    emulated.advance(86_401)
    assert [each.get("imageTags") for each in ecr.describe_images(repositoryName="shop")["imageDetails"]] == [None, ["prod-2"]]
    old = _policy(_rule(1, "any", countType="sinceImagePushed", countUnit="days", countNumber=3))
    ecr.put_lifecycle_policy(repositoryName="shop", lifecyclePolicyText=old)
    emulated.advance(4 * 86_401)
    assert ecr.describe_images(repositoryName="shop")["imageDetails"] == []
    ecr.delete_lifecycle_policy(repositoryName="shop")
    assert emulated.refused("ecr", "delete_lifecycle_policy", repositoryName="shop") == missing
