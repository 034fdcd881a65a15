# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules of Ansible call: the only file in module_utils that uses AnsibleModule and decides check mode."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

try:
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    RETRYING = Config(retries={"mode": "standard", "max_attempts": 8})
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from ansible_collections.amazon.aws.plugins.module_utils.botocore import get_aws_connection_info

from ._core import interruption, ownership, sessions, sign_in, tag_list
from ._core.aws import call
from ._core.clients import Clients
from ._core.errors import RailyardError
from ._core.interruption import Interrupted
from ._core.plan import Plan
from ._core.settling import Resource, settle, settle_each
from ._environment import naming

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

Wanted = dict[str, Any]
STATE = {"type": "str", "choices": ["present", "absent"], "default": "present"}
KEYS = {"access_key_id": "access_key", "secret_access_key": "secret_key", "session_token": "session_token"}
ACCOUNT = {"account_id": {"type": "str"}}
NAMES = {"names": {"type": "dict", "required": True}}
TAGS = {
    "tags": {"type": "dict", "aliases": ["resource_tags"]},
    "purge_tags": {"type": "bool", "default": True},
    "purge_tag_keys": {"type": "list", "elements": "str", "no_log": False},
}


def names_of(module: AnsibleAWSModule) -> naming.Names:
    """The option `names`. Ends the process with what it lacks."""
    given = module.params["names"]
    if lacks := naming.missing(given):
        module.fail_json(msg=f"names: {', '.join(lacks)} missing; take what lookup('railyard.fargate.names') returns")
    return naming.of_option(given)


def aws_client(module: AnsibleAWSModule, service: str) -> Any:
    """A boto3 client that retries throttling, 5xx and connection faults as AWS's SDKs do in standard mode. Ends the process without one."""
    try:
        return connect(module, service, config=RETRYING)
    except RailyardError as error:
        fail(module, error)


def aws_clients(module: AnsibleAWSModule, services: Sequence[str]) -> Clients:
    """`aws_client` by service; others than `services` are made when somebody asks for them."""
    return Clients(lambda service: aws_client(module, service), services)


def connect(module: AnsibleAWSModule, service: str, region: str = "", config: Config | None = None) -> Any:
    """`module.client`, but what it ends the process for is a RailyardError, and all clients of a process share a session.

    The option aws_config counts before `config`.
    """
    own, endpoint, how = get_aws_connection_info(module)
    profile, settings = how.pop("profile_name", None), how.pop("aws_config", None)
    both = config.merge(settings) if config and settings else config or settings
    try:
        return sessions.client(service, profile, both, region_name=region or own, endpoint_url=endpoint, **how)
    except (BotoCoreError, ValueError) as error:
        raise RailyardError(f"no connection to {service}: {error}") from error


def other_client(module: AnsibleAWSModule, service: str, options: dict[str, Any]) -> Any:
    """A client for another account or Region: options {region, profile, endpoint_url, access_key, secret_key, session_token}.

    "" is as good as nothing, and without any of them it is that of the module. Raises RailyardError for a profile that is not there.
    """
    if not any(options.get(name) for name in ("region", "profile", "endpoint_url", "access_key")):
        return aws_client(module, service)
    keys = {f"aws_{name}": options.get(old) or None for name, old in KEYS.items()}
    verify = module.params["aws_ca_bundle"] or module.params["validate_certs"]
    place = {"region_name": options.get("region") or module.region, "endpoint_url": options.get("endpoint_url") or None}
    try:
        return sessions.client(service, options.get("profile"), RETRYING, verify=verify, **keys, **place)
    except BotoCoreError as error:
        raise RailyardError(f"the source cannot be reached: {error}") from error


def account_id(module: AnsibleAWSModule) -> str:
    """The caller's account, for ARNs that AWS does not return: the option `account_id`, else what STS says.

    Ends the process when there are no valid credentials.
    """
    if module.params.get("account_id"):
        return str(module.params["account_id"])
    try:
        return str(call(aws_client(module, "sts"), "GetCallerIdentity")["Account"])
    except RailyardError as error:
        fail(module, error)


def listed_tags(module: AnsibleAWSModule) -> tag_list.Known:
    """Tags by ARN, of those resources of a list of ARNs that have the declared ones; asked for by one call."""
    params = module.params
    if params["state"] == "absent":
        return tag_list.nothing
    return lambda arns: tag_list.as_declared(
        lambda: connect(module, "resourcegroupstaggingapi", config=RETRYING), arns, params["tags"], params["purge_tags"]
    )


def converge(
    module: AnsibleAWSModule,
    service: str,
    key: str,
    find: Callable[[Any], Any],
    make_plan: Callable[[Any, Any], Plan],
    known: Callable[[Any], Any] = lambda _client: None,
    prepare: Callable[[Plan], None] | None = None,
    about: Callable[[Any], dict[str, Any]] = lambda _final: {},
) -> NoReturn:
    """Find, plan, apply, result; ends the process.

    `find(client)` returns what is live in our shape, or None. `make_plan(client, live)` decides and calls nothing; the client is there
    for its service model. The result has the resource under `key` and the plan's notes beside it. What is live and not ours by the tags
    that the caller declares is refused, or left alone when `state` is absent. What `known(client)` returns because this run has read it
    already is read again only where it is not as declared. `prepare(plan)` comes before the first write of a plan that changes something,
    in check mode as well: it may look, wait and refuse. What `about(final)` says of what is live then is in the result beside it.
    """
    kind = _prepared(module, key)
    try:
        client = aws_client(module, service)
        own = _Own(module, client, service, kind)

        def look() -> Any:
            return own.seen(find(client))

        resource = Resource(look, lambda live: make_plan(client, own.checked(live)))
        live = None if own.left_alone else _as_declared(resource, known(client))
        live = look() if live is None else live
        if prepare and (first := resource.plan(live)).changed:
            prepare(first)
        plan, final = settle(client, resource, live, module.check_mode)
        answer = {"changed": plan.changed, key: final, **plan.notes, **about(final)}
    except RailyardError as error:
        fail(module, error)
    if module._diff or module.check_mode:
        sides = {"before": _shown(key, plan.before), "after": _shown(key, plan.after)}
        answer["diff"] = {**sides, **_headers(key, plan), "operations": plan.operations}
    succeed(module, **answer)


def converge_each(
    module: AnsibleAWSModule,
    service: str,
    key: str,
    find: Callable[[Any, list[Wanted]], Sequence[Any]],
    make_plan: Callable[[Any, Wanted, Any], Plan],
    name: Callable[[Wanted], str],
    known: Callable[[Wanted], Any] = lambda _one: None,
) -> NoReturn:
    """`converge` for each item of the option `key`, at the same time. What is wanted of one is its item and the other options.

    `find(client, some)` returns what is live of some of them, in their order, None where there is nothing. The result has under `key` those
    that exist then, each with its plan's notes in it. Nothing is written when one of them cannot be. An error names its item by `name`.
    What is `known` of an item because this run has read it already is read again only where it is not as declared.
    """
    kind = _prepared(module, key)
    shared = {option: value for option, value in module.params.items() if option != key}
    items = [{**shared, **item} for item in module.params[key]]
    names = [f"{kind} {name(item)}" for item in items]
    wanted = dict(zip(names, items, strict=True))
    try:
        if twice := sorted({one for one in names if names.count(one) > 1}):
            raise RailyardError(f"{key}: {', '.join(twice)} is there more than once")
        client = aws_client(module, service)
        own = _Own(module, client, service, kind)

        def resource(item: Wanted) -> Resource:
            return Resource(lambda: own.seen(find(client, [item])[0]), lambda live: make_plan(client, item, own.checked(live)))

        resources = {one: resource(item) for one, item in wanted.items()}
        live = {one: None if own.left_alone else _as_declared(resources[one], known(item)) for one, item in wanted.items()}
        asked = [one for one in wanted if live[one] is None]
        found = find(client, [wanted[one] for one in asked]) if asked else ()
        live |= zip(asked, own.checked([own.seen(one) for one in found]), strict=True)
        settled = settle_each(client, resources, list(live.values()), module.check_mode)
    except RailyardError as error:
        fail(module, error)
    plans = dict(zip(resources, (plan for plan, _final in settled), strict=True))
    answer: dict[str, Any] = {"changed": any(plan.changed for plan in plans.values())}
    answer[key] = [{**final, **plan.notes} for plan, final in settled if final is not None]
    if module._diff or module.check_mode:
        answer["diff"] = [
            {
                "before": plan.before or {},
                "after": plan.after or {},
                "before_header": title,
                "after_header": title,
                "operations": plan.operations,
            }
            for title, plan in plans.items()
            if plan.changed
        ]
    succeed(module, **answer)


def _as_declared(resource: Resource, live: Any) -> Any:
    """`live` if nothing is to be done about it, else None."""
    try:
        return None if live is None or resource.plan(live).changed else live
    except RailyardError:
        return None


def _prepared(module: AnsibleAWSModule, key: str) -> str:
    """What a resource is called, and the patterns of keys in the place of `purge_tags` where they are given."""
    params = module.params
    if params.get("purge_tags") and params.get("purge_tag_keys") is not None:
        params["purge_tags"] = params["purge_tag_keys"]
    return key.replace("_", " ").removesuffix("s")


class _Own:
    """Whose the live resources are, by the tags that the caller declares. Before a deletion it does not see those of others, and warns
    once of each."""

    def __init__(self, module: AnsibleAWSModule, client: Any, service: str, kind: str) -> None:
        self.module, self.service, self.kind, self.region = module, service, kind, client.meta.region_name
        self.owner = ownership.declared(module.params.get("tags"))
        self.left_alone = module.params.get("state") == "absent"
        self.told: set[str] = set()

    def seen(self, live: Any) -> Any:
        if not self.owner or not self.left_alone:
            return live
        for item in ownership.foreign(self.owner, live):
            name = ownership.name_of(item)
            if name not in self.told:
                self.module.warn(f"left alone: {self.kind} {name} {ownership.belongs(item['tags'])}")
                self.told.add(name)
        return ownership.without_foreign(self.owner, live)

    def checked(self, live: Any) -> Any:
        """Raises RailyardError where something that is live is not ours."""
        if not self.left_alone:
            ownership.refuse(self.owner, live, self.service, self.kind, self.region)
        return live


def _headers(key: str, plan: Plan) -> dict[str, str]:
    """Whose difference it is. A list is many resources, each with its name in it."""
    for side in (plan.after, plan.before):
        named = side if isinstance(side, dict) else {}
        name = next((named[option] for option in (f"{key}_name", "name", "identifier", f"{key}_id") if named.get(option)), None)
        if name:
            return {"before_header": f"{key} {name}", "after_header": f"{key} {name}"}
    return {}


def _shown(key: str, value: Any) -> Any:
    """One side of a diff. Ansible shows dicts, and fails on lists."""
    return {key: value} if isinstance(value, list) else value or {}


def report(module: AnsibleAWSModule, service: str, key: str, find: Callable[[Any], Any]) -> NoReturn:
    """The whole of an info module: what `find(client)` returns, under `key`; ends the process."""
    try:
        found = find(aws_client(module, service))
    except RailyardError as error:
        fail(module, error)
    succeed(module, changed=False, **{key: found})


@contextmanager
def interruptible(module: AnsibleAWSModule) -> Iterator[None]:
    """While inside, an error ends the process with its words, and so does a person who interrupts the run.

    Beside the file `progress` there is then this process's number (.pid), and, when it was interrupted, what it has to say (.last).
    """
    progress = module.params.get("progress")
    with interruption.noticed():
        if progress:
            Path(f"{progress}.pid").write_text(str(os.getpid()))
        try:
            yield
        except RailyardError as error:
            _last_words(progress, error.message)
            fail(module, error)
        except Interrupted as end:
            message = end.message or "it was interrupted before anything was begun"
            _last_words(progress, message)
            fail(module, RailyardError(message, interrupted=True, **end.details))


def _last_words(progress: str | None, message: str) -> None:
    if progress and interruption.asked():
        Path(f"{progress}.last").write_text(message)


def succeed(module: AnsibleAWSModule, **answer: Any) -> NoReturn:
    """End the process with a result."""
    end: Callable[..., NoReturn] = module.exit_json
    end(**answer)


def fail(module: AnsibleAWSModule, error: RailyardError) -> NoReturn:
    """End the process with the error's words, AWS's code and what else is known."""
    details = {"error_code": error.code, **error.details} if error.code else error.details
    explained = sign_in.explain(error, module.params.get("profile") or "")
    end: Callable[..., NoReturn] = module.fail_json
    end(msg=f"{explained[0]}. What to do: {explained[1]}" if explained else error.message, **details)
