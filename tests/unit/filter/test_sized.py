"""The filter that gives processes and the database the sizes of an environment."""

from typing import Any

import pytest
from ansible.errors import AnsibleFilterError

from ansible_collections.railyard.fargate.plugins.filter.sized import sized

SHARED: dict[str, Any] = {"web": {"port": 3000, "cpu": 256}, "worker": {"cpu": 256}}
SIZES: dict[str, Any] = {"web": {"cpu": 512, "min": 2}, "database": {"class": "db.t4g.small"}, "cron": {"cpu": 1}}


def test_an_environment_has_the_last_word_on_what_it_names() -> None:
    assert sized(SHARED, SIZES) == {"web": {"port": 3000, "cpu": 512, "min": 2}, "worker": {"cpu": 256}}
    assert SHARED["web"]["cpu"] == 256, "the input is not changed"


@pytest.mark.parametrize("nothing", [{}, {"web": None}, {"web": {}}])
def test_without_sizes(nothing: dict[str, Any]) -> None:
    assert sized(SHARED, nothing) == SHARED
    assert sized({"web": None}, nothing) == {"web": {}}
    assert sized({"engine": "postgres"}, nothing, part="database") == {"engine": "postgres"}


def test_one_part_alone() -> None:
    assert sized({"engine": "postgres", "class": "db.t4g.micro"}, SIZES, part="database") == {"engine": "postgres", "class": "db.t4g.small"}


@pytest.mark.parametrize(("shared", "sizes"), [([], {}), ({}, None), ("web", {}), ({}, ["web"])])
def test_input_that_is_no_dict_is_refused(shared: Any, sizes: Any) -> None:
    with pytest.raises(AnsibleFilterError, match="both dicts"):
        sized(shared, sizes)
