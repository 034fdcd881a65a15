# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Reads from AWS before a playbook writes: the caller's account, the Region, the declared secrets, and what AWS would refuse."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

try:
    from botocore.loaders import Loader
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from .._core import aws, partition, sign_in
from .._core.errors import RailyardError
from .._core.sign_in import WAYS
from .._ssm import secret
from .._ssm.secret import Fact
from . import engine, first_image, keys, offers, policies
from .problem import Path, Problem

ClientOf = Callable[[str, str], Any]


@dataclass(frozen=True)
class Wanted:
    """What the inventory declares, as far as `look` compares it with AWS.

    `secrets`: names of parameters, by the environment variable that gets their value. `store`: the command that stores a secret, without
    the secret's name at its end. `profile`: "" when none is chosen; `profile_from`: the environment variable that chose it, "" when the
    inventory did. `engine`: codedeploy or ecs, which is to deploy the service web of `cluster`; "" skips that check. `image`: digest of
    the first image in `repository`, or "". `chat`: the parameter with the secret of a chat, or "". `database`: what `offers.look` takes,
    or {}. `policies`: path in the inventory by ARN of the policy.
    """

    account_id: str
    region: str
    secrets: dict[str, str]
    profile: str = ""
    store: str = ""
    cluster: str = ""
    engine: str = ""
    profile_from: str = ""
    repository: str = ""
    image: str = ""
    database: dict[str, Any] = field(default_factory=dict)
    policies: dict[str, list[Any]] = field(default_factory=dict)
    chat: str = ""


NO_ANSWER = {
    "EndpointConnectionError",
    "ConnectTimeoutError",
    "ConnectionClosedError",
    "ReadTimeoutError",
    "ConnectionError",
    "ProxyConnectionError",
}


def profile(wanted: Wanted, known: list[str]) -> list[Problem]:
    """A problem when the AWS configuration of this machine lacks the profile."""
    if wanted.profile in known:
        return []
    has = f"it has {', '.join(known)}" if known else "it has none"
    by, path = (f", which {wanted.profile_from} names", ()) if wanted.profile_from else ("", ("railyard_profile",))
    return [Problem(f"the AWS configuration of this machine has no profile {wanted.profile}{by}; {has}", path, WAYS)]


def region(wanted: Wanted) -> list[Problem]:
    """A problem when botocore's list has no Region of this name. Calls nothing."""
    partitions = Loader().load_data("partitions")["partitions"]
    known = [name for one in partitions for name in one["regions"]]
    if wanted.region in known:
        return []
    close = difflib.get_close_matches(wanted.region, known, 3, 0.7)
    right = f"{' or '.join(close)}; " if close else ""
    return [Problem(f"AWS has no Region {wanted.region}", ("railyard_region",), f"{right}for a Region newer than this boto3, update boto3")]


def look(client_of: ClientOf, wanted: Wanted) -> tuple[dict[str, Any], list[Problem]]:
    """What AWS has, and every problem. `client_of(service, region)` makes a boto3 client.

    The first value has account_id, region, caller_arn, secrets (arn and version by environment variable), secret_kms_key_arns and kept, as
    far as they are known. The calls run in threads; the clients are made before, because boto3's sessions are not thread-safe.
    """
    found = region(wanted)
    if found:
        return {}, found
    try:
        sts, ssm = client_of("sts", wanted.region), client_of("ssm", wanted.region)
        ecs = client_of("ecs", wanted.region) if wanted.engine else None
        kms = client_of("kms", wanted.region) if wanted.secrets else None
        iam = client_of("iam", wanted.region) if wanted.policies else None
        rds, ec2 = (client_of(service, wanted.region) if wanted.database else None for service in ("rds", "ec2"))
    except RailyardError as error:
        return {}, [refusal(error, wanted, client_of)]
    batches = aws.batches([*wanted.secrets.values(), *([wanted.chat] if wanted.chat else [])], 10)
    with ThreadPoolExecutor(8) as pool:
        calling = pool.submit(aws.call, sts, "GetCallerIdentity")
        asking = [pool.submit(secret.facts, ssm, batch) for batch in batches]
        web = pool.submit(engine.live, ecs, wanted.cluster) if ecs else None
        locking = pool.submit(keys.find, ssm, kms, wanted.secrets) if kms else None
        offering = pool.submit(offers.look, rds, ec2, wanted.database) if rds else None
        bounding = pool.submit(policies.missing, iam, wanted.policies, wanted.account_id) if iam else None
    try:
        caller = calling.result()
    except RailyardError as error:
        return {}, [refusal(error, wanted, client_of)]
    known = {"account_id": caller["Account"], "region": wanted.region, "caller_arn": caller["Arn"]}
    if wanted.account_id not in ("", caller["Account"]):
        return known, [_other_account(caller, wanted)]
    stored, found = _stored(asking, wanted)
    locked, wrong = locking.result() if locking else ({}, [])
    told = {problem.path for problem in found}
    found += [problem for problem in wrong if problem.path not in told]
    refused, kept = _offering(offering) if offering else ([], [])
    known |= {"secrets": stored, "secret_kms_key_arns": sorted(set(locked.values()))}
    known |= {"kept": [{"what": one.what, "path": list(one.path), "right": one.right} for one in kept]}
    return known, [*found, *(_of_web(web, wanted, client_of) if web else []), *refused, *(_of_policies(bounding) if bounding else [])]


def refusal(error: RailyardError, wanted: Wanted, client_of: ClientOf) -> Problem:
    """The problem for a GetCallerIdentity that failed."""
    path = ("railyard_profile",) if wanted.profile else ()
    explained = sign_in.explain(error, wanted.profile)
    if explained:
        return Problem(explained[0], path, explained[1])
    if sign_in.is_refused(error):
        return _refused(error, wanted, client_of, path)
    if sign_in.trouble(error).kinds & NO_ANSWER:
        return Problem(
            f"AWS does not answer: {error.message}", ("railyard_region",), "a way to the internet, or to the proxy in HTTPS_PROXY"
        )
    return Problem(f"AWS does not say who is calling: {error.message}", path, WAYS)


def _refused(error: RailyardError, wanted: Wanted, client_of: ClientOf, path: tuple[str, ...]) -> Problem:
    """A Region that is not enabled refuses keys that are good elsewhere."""
    sts = client_of("sts", wanted.region)
    home = partition.HOMES.get(sts.meta.partition, wanted.region)
    if home != wanted.region:
        try:
            caller = aws.call(client_of("sts", home), "GetCallerIdentity")
        except RailyardError:
            return Problem(f"AWS does not accept the credentials: {error.message}", path, WAYS)
        what = f"the Region {wanted.region} is not enabled in account {caller['Account']}"
        return Problem(what, ("railyard_region",), f"aws account enable-region --region-name {wanted.region}, or another Region")
    return Problem(f"AWS does not accept the credentials: {error.message}", path, WAYS)


def _other_account(caller: dict[str, Any], wanted: Wanted) -> Problem:
    by = f" by profile {wanted.profile}" if wanted.profile else ""
    what = f"the caller{by} is {caller['Arn']} in account {caller['Account']}, and the inventory declares account {wanted.account_id}"
    return Problem(
        what,
        ("railyard_account_id",),
        f"credentials of {wanted.account_id} (railyard_profile, AWS_PROFILE), or the inventory of {caller['Account']}",
    )


def _offering(asking: Future[tuple[list[Problem], list[Problem]]]) -> tuple[list[Problem], list[Problem]]:
    try:
        return asking.result()
    except RailyardError as error:
        return [offers.refused(error)], []


def _of_policies(asking: Future[list[Problem]]) -> list[Problem]:
    try:
        return asking.result()
    except RailyardError as error:
        return [Problem(f"IAM does not say which policies there are: {error.message}", (), "iam:GetPolicy allowed for the caller")]


def _of_web(asking: Future[list[dict[str, Any]]], wanted: Wanted, client_of: ClientOf) -> list[Problem]:
    """Problems of the declared engine and of the declared first image."""
    try:
        live = asking.result()
    except RailyardError as error:
        what = f"ECS does not say who deploys web: {error.message}"
        return [Problem(what, ("railyard_engine",), "ecs:DescribeServices allowed for the caller")]
    found = engine.problems(live, wanted.engine)
    if wanted.image and not found:
        return first_image.problems(lambda service: client_of(service, wanted.region), live, wanted.repository, wanted.image)
    return found


def _stored(asking: Iterable[Future[list[Fact]]], wanted: Wanted) -> tuple[dict[str, Any], list[Problem]]:
    """{arn, version} of each secret by environment variable, and a problem for each of the others."""
    answers: dict[str, Fact] = {}
    found = []
    for future in asking:
        try:
            answers |= {fact["name"]: fact for fact in future.result()}
        except RailyardError as error:
            right = "ssm:GetParameters allowed for the caller, on the parameters of this environment"
            found.append(Problem(f"Parameter Store does not say which secrets are there: {error.message}", ("railyard_secrets",), right))
    stored = {}
    for number, (name, parameter) in enumerate(wanted.secrets.items()):
        fact = answers.get(parameter)
        if fact is None:
            continue
        problem = _secret_problem(name, fact, wanted, ("railyard_secrets", number))
        if problem:
            found.append(problem)
        else:
            stored[name] = {"arn": fact["arn"], "version": fact["version"]}
    if wanted.chat in answers:
        path = ("railyard_notifications", "webhook", "secret")
        problem = _secret_problem(wanted.chat.rpartition("/")[2], answers[wanted.chat], wanted, path)
        found += [problem] if problem else []
    return stored, found


def _secret_problem(name: str, fact: Fact, wanted: Wanted, path: Path) -> Problem | None:
    parameter = fact["name"]
    command = f"{wanted.store} -e secret={name}"
    if not fact["exists"]:
        return Problem(
            f"{parameter} is not in Parameter Store (account {wanted.account_id}, {wanted.region})", path, f"store it: {command}"
        )
    if fact["type"] != "SecureString":
        delete = f"aws ssm delete-parameter --region {wanted.region} --name {parameter}"
        return Problem(f"{parameter} is a {fact['type']}, which is kept and shown in the clear", path, f"{delete}; then {command}")
    return None
