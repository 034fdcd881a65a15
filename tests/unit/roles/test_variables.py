"""What roles make of the inventory's variables, and of each other's."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.role_variables import rendered

SHOP = {"railyard_app": "shop", "railyard_environment": "production"}


@pytest.mark.parametrize("named", [{}, {"alb_name": "front"}, {"vpc_name": "net"}, {"vpc_name": "net", "alb_name": "front"}])
def test_ports_are_kept_for_the_groups_that_the_load_balancer_has(named: dict[str, Any]) -> None:
    has = rendered("alb", "{{ __alb_target_group_names }}", **SHOP, **named)
    assert rendered("vpc", "{{ vpc_target_group_names }}", **SHOP, **named) == has
