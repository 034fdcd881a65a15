"""Names and values of secrets."""

import pytest

from ansible_collections.railyard.fargate.plugins.module_utils._core.errors import RailyardError
from ansible_collections.railyard.fargate.plugins.module_utils._ssm import value


def test_a_generated_value_needs_no_escaping() -> None:
    texts = {value.generate(128) for _ in range(20)}
    assert len(texts) == 20 and all(value.compose("{x}", {}, {"x": text}) == text for text in texts)
    with pytest.raises(RailyardError, match="8 to 128"):
        value.generate(7)


@pytest.mark.parametrize("name", ["/shop/production/KEY", "KEY", "/a.b/c-d_e"])
def test_names_that_parameter_store_takes(name: str) -> None:
    value.check_name(name)


@pytest.mark.parametrize("name", ["/shop/", "shop/KEY", "/awsome/KEY", "/SSM/KEY", "/shop/a b", "/" + "/".join("a" * 16), "a" * 901])
def test_names_that_it_refuses(name: str) -> None:
    with pytest.raises(RailyardError, match="cannot be the name of a parameter"):
        value.check_name(name)
