"""Whatever stands in an inventory, the checks give an answer and do not break."""

import copy
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.railyard.fargate.plugins.module_utils._environment import checks, report

from .descriptions import SPECS, description

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | st.text(max_size=12)
    | st.sampled_from(["10.0.0.0/8", "", "/", "a" * 300])
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
)


def paths(value: Any, above: tuple = ()) -> list[tuple]:
    found = [above] if above else []
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        found += paths(item, (*above, key))
    return found


BASE = {
    **description(),
    "railyard_schedules": {"nightly": {"at": "rate(1 day)", "command": ["x"]}},
    "railyard_peer_cidrs": ["172.16.0.0/12"],
    "railyard_tags": {"team": "checkout"},
    "railyard_domain": "shop.example.com",
    "railyard_image": "",
    "alb_name": "shop",
    "alb_health_interval": 10,
}


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(paths(BASE)), VALUES)
def test_no_value_anywhere_breaks_the_checks(path: tuple, value: Any) -> None:
    changed = copy.deepcopy(BASE)
    here = changed
    for part in path[:-1]:
        here = here[part]
    here[path[-1]] = value
    found = checks.problems(SPECS, changed)
    report.text("shop_production", found, [None] * len(found))


@settings(max_examples=100, deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(BASE)), VALUES))
def test_no_description_breaks_the_checks(changed: dict) -> None:
    checks.problems(SPECS, changed)
