"""Addresses, ARNs and principals by partition of AWS, and that nothing else in the product decides them."""

import re
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core import partition
from ansible_collections.railyard.fargate.plugins.module_utils._ecs import stopped_task
from tests.support.role_variables import rendered

ROOT = Path(__file__).resolve().parents[4]
DOCUMENTED = re.compile(r'^(DOCUMENTATION|EXAMPLES|RETURN) = r?"""$.*?^"""$', re.DOTALL | re.MULTILINE)
FIXED = re.compile(r"arn:aws:|console\.aws\.amazon\.com|\.amazonaws\.com\.cn|['\"]aws-(cn|us-gov)['\"]")
# Words of a message that show what is right, and a length that is summed up.
SAID = {"plugins/module_utils/_environment/place.py", "plugins/module_utils/_codedeploy/appspec.py"}
PARTS = ("plugins", "roles", "playbooks", "inventories")


@pytest.mark.parametrize(
    ("region", "name", "host", "codedeploy"),
    [
        ("eu-west-1", "aws", "eu-west-1.console.aws.amazon.com", "codedeploy.amazonaws.com"),
        ("cn-north-1", "aws-cn", "cn-north-1.console.amazonaws.cn", "codedeploy.amazonaws.com.cn"),
        ("us-gov-west-1", "aws-us-gov", "us-gov-west-1.console.amazonaws-us-gov.com", "codedeploy.amazonaws.com"),
        ("eusc-de-east-1", "aws-eusc", "eusc-de-east-1.console.amazonaws-eusc.eu", "codedeploy.amazonaws.com"),
        ("us-east-1", "aws", "us-east-1.console.aws.amazon.com", "codedeploy.amazonaws.com"),
    ],
)
def test_partition_by_region(region: str, name: str, host: str, codedeploy: str) -> None:
    assert partition.name(region) == name and partition.principal("codedeploy", region) == codedeploy
    assert partition.principal("ecs-tasks", region) == "ecs-tasks.amazonaws.com"
    task = f"arn:{name}:ecs:{region}:123456789012:task/shop/0123"
    assert stopped_task.task_url(region, task) == f"https://{host}/ecs/v2/clusters/shop/tasks/0123/configuration?region={region}"
    lines = stopped_task.log_url(region, {"logGroupName": "/shop", "logStreamName": "web/1"})
    assert lines == f"https://{host}/cloudwatch/home?region={region}#logsV2:log-groups/log-group/$252Fshop/log-events/web$252F1"


def test_nothing_else_fixes_a_partition() -> None:
    fixed = set()
    for path in (path for part in PARTS for path in (ROOT / part).rglob("*") if path.suffix in {".py", ".yml", ".j2"} and path.is_file()):
        place = str(path.relative_to(ROOT))
        if FIXED.search(DOCUMENTED.sub("", path.read_text())) and place != "plugins/module_utils/_core/partition.py":
            fixed.add(place)
    assert fixed == SAID


def _values(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [text for one in value.values() for text in _values(one)]
    return [text for one in value for text in _values(one)] if isinstance(value, list) else [str(value)]


@pytest.mark.parametrize(("role", "policy"), [("codedeploy", "trust"), ("codedeploy", "policy"), ("ssm_hybrid", "trust"), ("ecs", "trust")])
def test_policies_of_roles_are_of_the_partition(role: str, policy: str) -> None:
    """Rendered by Ansible itself: filters that are not found, or ARNs of another partition, fail."""
    given = {"railyard_region": "cn-north-1", "railyard_account_id": "123456789012", f"{role}_cluster": "shop", f"{role}_service": "web"}
    given |= {f"{role}_load_balancer": {"name": "shop"}, f"{role}_task_role_arns": ["arn:aws-cn:iam::123456789012:role/task"]}
    policies = rendered(role, "{{ __" + role + "_" + policy + " }}", **given)
    arns = [text for text in _values(policies) if text.startswith("arn:")]
    assert all(text.startswith("arn:aws-cn:") for text in arns) and "{{" not in str(policies)
    if (role, policy) == ("codedeploy", "trust"):
        assert policies["Statement"][0]["Principal"] == {"Service": "codedeploy.amazonaws.com.cn"}
    else:
        assert arns
