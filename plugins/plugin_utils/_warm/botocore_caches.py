# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Caches of botocore, filled in the server before it forks: values that each module's process would compute again with the same result.

botocore remembers models, rule sets and names per loader, client and session, and every session makes its own. Only the loader
has a hook, and that one needs the session, which the module makes. Each function below replaces one name, says why, and has a
test that fails when botocore changes under it (tests/unit/plugin_utils/_warm/test_botocore_caches.py).
"""

from __future__ import annotations

import functools
import importlib.util
import inspect
import os
from collections.abc import Iterable
from typing import Any

try:
    import boto3.session
    import botocore
    import botocore.client
    import botocore.credentials
    import botocore.hooks
    import botocore.loaders
    import botocore.regions
    import botocore.session
    from botocore.exceptions import BotoCoreError
except ImportError:
    pass  # The server ends, and modules run without it.

OLDEST, NEWEST = (1, 42), (2, 0)
# What site.yml and the usual neighbours talk to. A service that is missing here is as slow as without the server, no more.
SERVICES = """
acm application-autoscaling cloudwatch codebuild codeconnections codedeploy codepipeline ec2 ecr ecs elbv2 events iam kms logs rds
route53 s3 scheduler secretsmanager sns ssm sts
""".split()  # noqa: SIM905
CREDENTIALS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "module_utils", "_core", "credentials.py")


class Unsupported(Exception):
    """A botocore that this file does not know; the message says what is different."""


def replaced() -> tuple[tuple[Any, str, list[str]], ...]:
    """Owner, name and parameters of what is replaced; those in brackets came later than OLDEST."""
    return (
        (botocore.session, "create_loader", ["search_path_string"]),
        (botocore.regions, "EndpointProvider", ["ruleset_data", "partition_data", "[excluded_params]"]),
        (botocore.hooks, "accepts_kwargs", ["func"]),
        (botocore.hooks.EventAliaser, "_alias_event_name", ["self", "event_name"]),
        (botocore.client.ClientCreator, "_create_methods", ["self", "service_model"]),
        (botocore.client.ClientCreator, "_create_name_mapping", ["self", "service_model"]),
        (botocore.credentials, "create_credential_resolver", ["session", "cache", "region_name"]),
    )


def check() -> None:
    """Raise Unsupported when the version or a signature is another one."""
    if "botocore" not in globals():
        raise Unsupported("botocore is not installed")
    version = tuple(int(part) for part in botocore.__version__.split(".")[:2])
    if not OLDEST <= version < NEWEST:
        raise Unsupported(f"botocore {botocore.__version__} is not from {OLDEST[0]}.{OLDEST[1]} to below {NEWEST[0]}")
    for owner, name, parameters in replaced():
        found = getattr(owner, name, None)
        has = list(inspect.signature(found).parameters) if found else []
        if has not in ([name.strip("[]") for name in parameters], [name for name in parameters if "[" not in name]):
            raise Unsupported(f"{name} of botocore {botocore.__version__} is not what it was")


def prepare(services: Iterable[str] = SERVICES) -> None:
    """Replace the functions and fill the caches. Raises Unsupported."""
    check()
    share_loaders()
    share_rule_sets()
    remember_signatures()
    remember_event_names()
    remember_methods()
    keep_credentials()
    read_models(services)


def share_loaders() -> None:
    """One loader for all sessions of one search path: it remembers the models that it has parsed, 10 to 120 ms each."""
    create = botocore.loaders.create_loader
    made: dict[str | None, Any] = {}

    def create_loader(search_path_string: str | None = None) -> Any:
        if search_path_string not in made:
            made[search_path_string] = create(search_path_string)
        return made[search_path_string]

    botocore.session.create_loader = create_loader


def share_rule_sets() -> None:
    """One parsed endpoint rule set for all clients of a service: it depends on nothing but the data, which the loader shares."""
    provider = botocore.regions.EndpointProvider
    made: dict[Any, tuple[Any, Any, Any]] = {}

    def endpoint_provider(ruleset_data: Any, partition_data: Any, **more: Any) -> Any:
        key = (id(ruleset_data), id(partition_data), repr(more))
        if key not in made:
            # The data are kept with it, so that no other data can get the same id.
            made[key] = (provider(ruleset_data, partition_data, **more), ruleset_data, partition_data)
        return made[key][0]

    botocore.regions.EndpointProvider = endpoint_provider


def remember_signatures() -> None:
    """`accepts_kwargs` inspects the same hundred handlers for each session."""
    botocore.hooks.accepts_kwargs = functools.cache(botocore.hooks.accepts_kwargs)


def remember_event_names() -> None:
    """The alias of an event's name depends on botocore's own table of aliases alone; each session computes a thousand."""
    alias = botocore.hooks.EventAliaser._alias_event_name
    made: dict[str, str] = {}

    def alias_event_name(self: Any, event_name: str) -> str:
        if self._event_aliases is not botocore.hooks.EVENT_ALIASES:
            return str(alias(self, event_name))
        if event_name not in made:
            made[event_name] = str(alias(self, event_name))
        return made[event_name]

    botocore.hooks.EventAliaser._alias_event_name = alias_event_name


def remember_methods() -> None:
    """A client class has a function for each of up to 800 operations. The functions are shared, the class is not: events may change it."""

    def remember(name: str) -> None:
        create = getattr(botocore.client.ClientCreator, name)
        made: dict[int, tuple[dict[str, Any], Any]] = {}

        def remembered(self: Any, service_model: Any) -> dict[str, Any]:
            described = service_model._service_description
            if id(described) not in made:
                made[id(described)] = (create(self, service_model), described)
            return dict(made[id(described)][0])

        setattr(botocore.client.ClientCreator, name, remembered)

    remember("_create_methods")
    remember("_create_name_mapping")


def keep_credentials() -> None:
    """As our own modules do, so that those of other collections do not fetch the keys of a role for each client either."""
    spec = importlib.util.spec_from_file_location("railyard_credentials", CREDENTIALS)
    if not (spec and spec.loader):
        raise Unsupported(f"{CREDENTIALS} cannot be loaded")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.share()


def read_models(services: Iterable[str]) -> None:
    """Make a client of each service once, without the run's configuration, and read its paginators and waiters."""
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    try:
        for service in services:
            session = boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none", region_name="us-east-1")
            try:
                client = session.client(service, endpoint_url="http://127.0.0.1:1")
                client.can_paginate(next(iter(client.meta.method_to_api_mapping)))
                list(client.waiter_names)
            except BotoCoreError:
                continue
    finally:
        del os.environ["AWS_CONFIG_FILE"], os.environ["AWS_SHARED_CREDENTIALS_FILE"]
