"""What is read ahead without a record: of an environment that is there, by names that the run has asked for."""

from __future__ import annotations

import json
import re

import pytest

from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead import first
from ansible_collections.railyard.fargate.plugins.plugin_utils._warm.ahead.request import Request


def request(service: str, operation: str, **params: object) -> Request:
    return Request(service, "eu-west-1", "", operation, json.dumps(params, sort_keys=True))


def parameters(*names: str) -> Request:
    return request("ssm", "DescribeParameters", ParameterFilters=[{"Key": "Name", "Option": "Equals", "Values": list(names)}])


def services(cluster: str) -> Request:
    return request("ecs", "DescribeServices", cluster=cluster, services=["web"])


def test_names_are_those_that_the_run_asks_for() -> None:
    names = first.Names()
    for one in (parameters("/web-shop/production/RAILS_MASTER_KEY"), parameters("/other/things/A"), services("web-shop-production")):
        names.asked(one)
    assert not names.answered(parameters("/web-shop/production/RAILS_MASTER_KEY"))
    assert names.answered(services("web-shop-production")) and not names.answered(services("web-shop-production"))
    assert (names.name, names.path) == ("web-shop-production", "/web-shop/production")


@pytest.mark.parametrize("cluster", ["other", "shop", "shop-production-2", ""])
def test_a_cluster_of_another_name_is_not_the_environments(cluster: str) -> None:
    names = first.Names()
    names.asked(parameters("/shop/production/KEY"))
    assert not names.answered(services(cluster))


def test_all_that_is_read_first_has_all_its_names() -> None:
    names = first.Names()
    names.asked(parameters("/shop/production/KEY"))
    assert names.answered(services("shop-production"))
    found = first.reads(names, "210987654321", "us-east-1")
    assert len(found) > 50
    for service, operation, params in found:
        assert json.dumps(json.loads(params), sort_keys=True) == params, "as a module's own request is written down"
        assert not re.search(r"[<>]|123456789012|eu-west-1|shop-local|/local", params)
        assert re.fullmatch("[a-z0-9-]+", service) and re.match("Get|List|Describe|Head|BatchGet", operation)
    assert ("iam", "GetRole", '{"RoleName": "shop-production-task"}') in found
