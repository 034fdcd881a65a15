"""Which environment an image goes from, and which it goes to."""

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.promotion import promotion


def host(environment: str, protected: bool | None = None, **more: Any) -> dict[str, Any]:
    known = {} if protected is None else {"railyard_protection": protected}
    return {"railyard_app": "shop", "railyard_environment": environment, **known, **more}


STAGING, PRODUCTION, REVIEW = "shop_staging", "shop_production", "shop_review"
HOSTS: dict[str, Any] = {STAGING: host("staging", False), PRODUCTION: host("production"), REVIEW: host("review", False)}
UP, DOWN = {"source": STAGING, "target": PRODUCTION}, {"source": PRODUCTION, "target": STAGING}
TWO, THREE = [STAGING, PRODUCTION], [STAGING, PRODUCTION, REVIEW]


@pytest.mark.parametrize(
    ("hosts", "words", "way"),
    [
        (TWO, (), UP),
        (TWO[::-1], (), UP),
        (TWO, ("staging",), UP),
        (TWO, ("", "shop_production"), UP),
        (TWO, ("production",), DOWN),
        (THREE, ("staging", "production"), UP),
        (THREE, ("shop_production", "staging"), DOWN),
    ],
)
def test_source_and_target(hosts: list[str], words: tuple[str, ...], way: dict[str, str]) -> None:
    assert promotion(HOSTS, hosts, *words) == way


@pytest.mark.parametrize(
    ("hosts", "words", "said"),
    [
        ([STAGING], (), "give both inventories with -i"),
        (THREE, (), "1 are protected .*-e from=<environment> -e to=<environment>"),
        (THREE, ("staging",), "several environments, .*say which"),
        ([STAGING, REVIEW], (), "0 are protected"),
        (TWO, ("prod",), r"there is no environment prod; there are shop_staging \(staging\), shop_production \(production\)"),
        (TWO, ("staging", "shop_staging"), "shop_staging is both"),
        ([*TWO, "mart"], ("staging", "mart"), r"not the same application \(railyard_app\): shop and mart"),
        ([*TWO, "arm"], ("staging", "arm"), r"not the same architecture \(ecs_architecture\): X86_64 and ARM64"),
        ([*TWO, "twin"], ("staging", "production"), "production is the environment of shop_production and twin; name the host"),
    ],
)
def test_no_source_or_target(hosts: list[str], words: tuple[str, ...], said: str) -> None:
    others = {"mart": host("mart", railyard_app="mart"), "arm": host("arm", ecs_architecture="ARM64"), "twin": host("production")}
    with pytest.raises(AnsibleFilterError, match=said):
        promotion({**HOSTS, **others}, hosts, *words)
