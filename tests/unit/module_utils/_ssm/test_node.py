"""Which nodes may be touched."""

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ssm import node


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"tags": {"application": "shop"}},
        {"tags": {"environment": "production"}},
        {"tags": {"application": "shop", "environment": ""}},
        {"activation_id": "a", "ping_status": "Inactive"},
    ],
)
def test_nobody_elses_node_is_met_by_chance(wanted) -> None:
    with pytest.raises(RailyardError, match="somebody else"):
        node.select(None, wanted)


def test_ids() -> None:
    one, two = "mi-0123456789abcdef0", "mi-0123456789abcdef1"
    assert node.check_ids([two, one, two]) == [one, two]
    with pytest.raises(RailyardError, match="i-0123456789abcdef0: the id of a node is mi-"):
        node.check_ids(["i-0123456789abcdef0", one])
