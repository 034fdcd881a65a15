"""Repository links and what is synchronized through them. Nothing is: AWS CloudFormation is not here.

https://docs.aws.amazon.com/codeconnections/latest/APIReference/API_CreateRepositoryLink.html
"""

from __future__ import annotations

from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import store
from .connections import AVAILABLE

OPTIONAL = ("PublishDeploymentStatus", "TriggerResourceUpdateOn", "PullRequestComment")
MISSING = "ResourceNotFoundException"


def _link(call: Call) -> store.Kept:
    found = store.table(call, "links").get(call.params["RepositoryLinkId"])
    if found is None:
        raise Refusal(MISSING, f"Repository link {call.params['RepositoryLinkId']} not found")
    return found


def _usable(call: Call, arn: str) -> store.Kept:
    found = store.connection(call, arn)
    if found["ConnectionStatus"] != AVAILABLE:
        raise Refusal("InvalidInputException", f"Connection {arn} is not available")
    return found


@operation("codeconnections", "CreateRepositoryLink")
def create_repository_link(call: Call) -> dict[str, Any]:
    wanted, links = call.params, store.table(call, "links")
    connection = _usable(call, wanted["ConnectionArn"])
    place = [wanted[name] for name in ("ConnectionArn", "OwnerId", "RepositoryName")]
    if any(place == [each[name] for name in ("ConnectionArn", "OwnerId", "RepositoryName")] for each in links.values()):
        raise Refusal("ResourceAlreadyExistsException", f"A link to {wanted['OwnerId']}/{wanted['RepositoryName']} exists already")
    identity = store.new_id()
    made = {
        **{name: wanted[name] for name in ("ConnectionArn", "OwnerId", "RepositoryName", "EncryptionKeyArn") if wanted.get(name)},
        "ProviderType": connection["ProviderType"],
        "RepositoryLinkArn": store.new_arn(call, f"repository-link/{identity}"),
        "RepositoryLinkId": identity,
        "Tags": store.tags(wanted.get("Tags", [])),
    }
    links[identity] = made
    return {"RepositoryLinkInfo": store.shown(made)}


@operation("codeconnections", "GetRepositoryLink")
def get_repository_link(call: Call) -> dict[str, Any]:
    return {"RepositoryLinkInfo": store.shown(_link(call))}


@operation("codeconnections", "ListRepositoryLinks")
def list_repository_links(call: Call) -> dict[str, Any]:
    return store.page(call, [store.shown(each) for each in store.table(call, "links").values()], "RepositoryLinks")


@operation("codeconnections", "UpdateRepositoryLink")
def update_repository_link(call: Call) -> dict[str, Any]:
    found, wanted = _link(call), call.params
    if wanted.get("ConnectionArn"):
        found.update(ConnectionArn=wanted["ConnectionArn"], ProviderType=_usable(call, wanted["ConnectionArn"])["ProviderType"])
    if wanted.get("EncryptionKeyArn"):
        found["EncryptionKeyArn"] = wanted["EncryptionKeyArn"]
    return {"RepositoryLinkInfo": store.shown(found)}


@operation("codeconnections", "DeleteRepositoryLink")
def delete_repository_link(call: Call) -> dict[str, Any]:
    identity = _link(call)["RepositoryLinkId"]
    if any(each["RepositoryLinkId"] == identity for each in store.table(call, "syncs").values()):
        raise Refusal("SyncConfigurationStillExistsException", f"Repository link {identity} has sync configurations")
    del store.table(call, "links")[identity]
    return {}


def _key(call: Call) -> str:
    return f"{call.params['SyncType']}/{call.params['ResourceName']}"


def _sync(call: Call) -> store.Kept:
    found = store.table(call, "syncs").get(_key(call))
    if found is None:
        raise Refusal(MISSING, f"Sync configuration for {call.params['ResourceName']} not found")
    return found


@operation("codeconnections", "CreateSyncConfiguration")
def create_sync_configuration(call: Call) -> dict[str, Any]:
    wanted, link = call.params, _link(call)
    if _key(call) in store.table(call, "syncs"):
        raise Refusal("ResourceAlreadyExistsException", f"A sync configuration for {wanted['ResourceName']} exists already")
    members = ("Branch", "ConfigFile", "RepositoryLinkId", "ResourceName", "RoleArn", "SyncType", *OPTIONAL)
    made = {name: wanted[name] for name in members if wanted.get(name)}
    made |= {name: link[name] for name in ("OwnerId", "ProviderType", "RepositoryName")}
    store.table(call, "syncs")[_key(call)] = made
    return {"SyncConfiguration": made}


@operation("codeconnections", "GetSyncConfiguration")
def get_sync_configuration(call: Call) -> dict[str, Any]:
    return {"SyncConfiguration": _sync(call)}


@operation("codeconnections", "ListSyncConfigurations")
def list_sync_configurations(call: Call) -> dict[str, Any]:
    link = _link(call)["RepositoryLinkId"]
    found = [each for each in store.table(call, "syncs").values() if each["RepositoryLinkId"] == link]
    return store.page(call, [each for each in found if each["SyncType"] == call.params["SyncType"]], "SyncConfigurations")


@operation("codeconnections", "UpdateSyncConfiguration")
def update_sync_configuration(call: Call) -> dict[str, Any]:
    found = _sync(call)
    if call.params.get("RepositoryLinkId"):
        found.update({name: _link(call)[name] for name in ("OwnerId", "ProviderType", "RepositoryName", "RepositoryLinkId")})
    found.update({name: call.params[name] for name in ("Branch", "ConfigFile", "RoleArn", *OPTIONAL) if call.params.get(name)})
    return {"SyncConfiguration": found}


@operation("codeconnections", "DeleteSyncConfiguration")
def delete_sync_configuration(call: Call) -> dict[str, Any]:
    """It is no error when there is none."""
    store.table(call, "syncs").pop(_key(call), None)
    return {}


@operation("codeconnections", "GetRepositorySyncStatus", "GetResourceSyncStatus")
def never_synchronized(call: Call) -> dict[str, Any]:
    _link(call) if "RepositoryLinkId" in call.params else _sync(call)
    raise Refusal(MISSING, "No sync was attempted yet")


@operation("codeconnections", "GetSyncBlockerSummary")
def get_sync_blocker_summary(call: Call) -> dict[str, Any]:
    return {"SyncBlockerSummary": {"ResourceName": _sync(call)["ResourceName"], "LatestBlockers": []}}


@operation("codeconnections", "UpdateSyncBlocker")
def update_sync_blocker(call: Call) -> dict[str, Any]:
    _sync(call)
    raise Refusal("SyncBlockerDoesNotExistException", f"Sync blocker {call.params['Id']} does not exist")


@operation("codeconnections", "ListRepositorySyncDefinitions")
def list_repository_sync_definitions(call: Call) -> dict[str, Any]:
    _link(call)
    return {"RepositorySyncDefinitions": []}
