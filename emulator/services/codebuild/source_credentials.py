"""Credentials for sources, one for each kind of server, and policies of projects and report groups.

https://docs.aws.amazon.com/codebuild/latest/APIReference/API_ImportSourceCredentials.html
"""

from __future__ import annotations

from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .store import Shape


@operation("codebuild", "ImportSourceCredentials")
def import_source_credentials(call: Call) -> Shape:
    """The token is kept nowhere; of a connection or a secret its ARN is shown."""
    wanted, kept = call.params, store.table(call, "credentials")
    kind = wanted["serverType"].lower()
    arn = call.arn("codebuild", f"token/{kind}")
    if arn in kept and wanted.get("shouldOverwrite") is False:
        raise Refusal("ResourceAlreadyExistsException", f"Access token with server type {wanted['serverType']} already exists")
    resource = {"resource": wanted["token"]} if wanted["authType"] in ("CODECONNECTIONS", "SECRETS_MANAGER") else {}
    kept[arn] = {"arn": arn, "serverType": wanted["serverType"], "authType": wanted["authType"], **resource}
    return {"arn": arn}


@operation("codebuild", "ListSourceCredentials")
def list_source_credentials(call: Call) -> Shape:
    return {"sourceCredentialsInfos": list(store.table(call, "credentials").values())}


@operation("codebuild", "DeleteSourceCredentials")
def delete_source_credentials(call: Call) -> Shape:
    arn = call.params["arn"]
    if store.table(call, "credentials").pop(arn, None) is None:
        raise Refusal(store.MISSING, f"Source credentials {arn} do not exist")
    return {"arn": arn}


def _shared(call: Call, arn: str) -> str:
    """The ARN of something that can be shared. Raises ResourceNotFoundException."""
    known = {project["arn"] for project in store.projects(call).values()} | set(store.table(call, "report_groups"))
    if arn not in known:
        raise Refusal(store.MISSING, f"Resource {arn} does not exist")
    return arn


@operation("codebuild", "PutResourcePolicy")
def put_resource_policy(call: Call) -> Shape:
    arn = _shared(call, call.params["resourceArn"])
    store.table(call, "policies")[arn] = call.params["policy"]
    return {"resourceArn": arn}


@operation("codebuild", "GetResourcePolicy")
def get_resource_policy(call: Call) -> Shape:
    arn = _shared(call, call.params["resourceArn"])
    if arn not in store.table(call, "policies"):
        raise Refusal(store.MISSING, f"Resource policy for {arn} does not exist")
    return {"policy": store.table(call, "policies")[arn]}


@operation("codebuild", "DeleteResourcePolicy")
def delete_resource_policy(call: Call) -> Shape:
    """It is no error when there is none."""
    store.table(call, "policies").pop(call.params["resourceArn"], None)
    return {}
