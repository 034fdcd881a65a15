# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What modules of Ansible call: the only file in module_utils that uses AnsibleModule and decides check mode."""

from __future__ import annotations

import functools
import operator
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

try:
    import boto3
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    RETRYING = Config(retries={"mode": "standard", "max_attempts": 8})
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from ansible_collections.amazon.aws.plugins.module_utils.botocore import boto3_inventory_conn, get_aws_connection_info

from ._core import credentials, interruption, ownership, sign_in
from ._core.aws import call
from ._core.clock import look_until
from ._core.errors import RailyardError
from ._core.interruption import Interrupted
from ._core.plan import AlreadyDone, Plan, apply_plan
from ._environment import naming

if TYPE_CHECKING:
    from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

STATE = {"type": "str", "choices": ["present", "absent"], "default": "present"}
KEYS = {"access_key_id": "access_key", "secret_access_key": "secret_key", "session_token": "session_token"}
# Seconds that AWS may take to show what was done, and how often it is asked again for what has not been.
APPEARS, LOOKS = 15, 3
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


def connect(module: AnsibleAWSModule, service: str, region: str = "", **more: Any) -> Any:
    """`module.client`, but what it ends the process for is a RailyardError, and temporary keys are kept where the AWS CLI keeps them."""
    credentials.share()
    own, endpoint, how = get_aws_connection_info(module)
    try:
        return boto3_inventory_conn("client", resource=service, region=region or own, endpoint=endpoint, **how, **more)
    except (BotoCoreError, ValueError) as error:
        raise RailyardError(f"no connection to {service}: {error}") from error


def other_client(module: AnsibleAWSModule, service: str, options: dict[str, Any]) -> Any:
    """A client for another account or Region: options {region, profile, endpoint_url, access_key, secret_key, session_token}.

    "" is as good as nothing, and without any of them it is that of the module. Raises RailyardError for a profile that is not there.
    """
    if not any(options.get(name) for name in ("region", "profile", "endpoint_url", "access_key")):
        return aws_client(module, service)
    credentials.share()
    keys = {f"aws_{name}": options.get(old) or None for name, old in KEYS.items()}
    try:
        session = boto3.session.Session(profile_name=options.get("profile") or None, **keys)
        verify = module.params["aws_ca_bundle"] or module.params["validate_certs"]
        place = {"region_name": options.get("region") or module.region, "endpoint_url": options.get("endpoint_url") or None}
        return session.client(service, config=RETRYING, verify=verify, **place)
    except BotoCoreError as error:
        raise RailyardError(f"the source cannot be reached: {error}") from error


def account_id(module: AnsibleAWSModule) -> str:
    """The caller's account, for ARNs that AWS does not return. Ends the process when there are no valid credentials."""
    try:
        return str(call(aws_client(module, "sts"), "GetCallerIdentity")["Account"])
    except RailyardError as error:
        fail(module, error)


def converge(
    module: AnsibleAWSModule, service: str, key: str, find: Callable[[Any], Any], make_plan: Callable[[Any, Any], Plan]
) -> NoReturn:
    """Find, plan, apply, result; ends the process.

    `find(client)` returns what is live in our shape, or None. `make_plan(client, live)` decides and calls nothing; the client is there
    for its service model. The result has the resource under `key` and the plan's notes beside it. What is live and not ours by the tags
    that the caller declares is refused, or left alone when `state` is absent.
    """
    params = module.params
    if params.get("purge_tags") and params.get("purge_tag_keys") is not None:
        params["purge_tags"] = params["purge_tag_keys"]
    try:
        client = aws_client(module, service)
        owner, kind = ownership.declared(params.get("tags")), key.replace("_", " ").removesuffix("s")
        if owner and params.get("state") == "absent":
            owner, find = {}, _left_alone(module, owner, kind, find)
        plan, final = _settle(
            client,
            find,
            lambda live: ownership.refuse(owner, live, service, kind, client.meta.region_name),
            make_plan,
            module.check_mode,
        )
    except RailyardError as error:
        fail(module, error)
    answer = {"changed": plan.changed, key: final, **plan.notes}
    if module._diff:
        answer["diff"] = {"before": _shown(key, plan.before), "after": _shown(key, plan.after), **_headers(key, plan)}
    succeed(module, **answer)


def _headers(key: str, plan: Plan) -> dict[str, str]:
    """Whose difference it is. A list is many resources, each with its name in it."""
    for side in (plan.after, plan.before):
        named = side if isinstance(side, dict) else {}
        name = next((named[option] for option in (f"{key}_name", "name", "identifier", f"{key}_id") if named.get(option)), None)
        if name:
            return {"before_header": f"{key} {name}", "after_header": f"{key} {name}"}
    return {}


def _left_alone(module: AnsibleAWSModule, owner: dict[str, str], kind: str, find: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """`find` before a deletion: it does not see what is not ours, and warns once of each such thing."""
    told: set[str] = set()

    def find_own(client: Any) -> Any:
        live = find(client)
        for item in ownership.foreign(owner, live):
            if ownership.name_of(item) not in told:
                module.warn(f"left alone: {kind} {ownership.name_of(item)} {ownership.belongs(item['tags'])}")
                told.add(ownership.name_of(item))
        return ownership.without_foreign(owner, live)

    return find_own


def _shown(key: str, value: Any) -> Any:
    """One side of a diff. Ansible shows dicts, and fails on lists."""
    return {key: value} if isinstance(value, list) else value or {}


def _settle(client: Any, find: Any, check: Callable[[Any], None], make_plan: Any, check_mode: bool) -> tuple[Plan, Any]:
    """The plan as it was carried out, and what is then live. `check` raises RailyardError for what may not be changed."""
    live, changed, first, stuck = find(client), False, None, 0
    while True:
        check(live)
        plan = make_plan(client, live)
        first = first or plan
        if check_mode or not plan.changed:
            return Plan(first.before, plan.after, first.steps if changed else plan.steps, plan.notes), plan.after
        try:
            apply_plan(client, plan)
            return Plan(first.before, plan.after, plan.steps, plan.notes), _shows(client, plan, find, make_plan)
        except AlreadyDone as found:
            seen = look_until(lambda: find(client), functools.partial(operator.ne, live), APPEARS)
            changed = changed or found.changed or (found.unanswered and seen != live)
            stuck = stuck + 1 if seen == live else 0
            if stuck == LOOKS or (stuck and not found.unanswered):
                raise RailyardError(f"{found}, and after looking again it is still not as declared", live=live) from found
            live = seen


def _shows(client: Any, plan: Plan, find: Any, make_plan: Any) -> Any:
    """What is live once AWS shows what was just done; some of its reads lag behind its writes (rules ECS-D8, VPC-3)."""

    def done(seen: Any) -> bool:
        try:
            return not make_plan(client, seen).changed
        except RailyardError:
            # What is under way takes no further change; it is there.
            return seen is not None

    final = look_until(lambda: find(client), done, APPEARS)
    return plan.after if final is None else final


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
