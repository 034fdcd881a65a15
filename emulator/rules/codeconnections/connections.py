"""What CodeConnections refuses of connections and hosts. Words that AWS does not document are ours."""

from __future__ import annotations

from ...registry import rule
from ...services.codeconnections.connections import HOSTED
from ...wire import Call, Refusal

API = "https://docs.aws.amazon.com/codeconnections/latest/APIReference/"
INVALID = "InvalidInputException"


@rule("CC-1", "codeconnections", "CreateConnection", source=API + "API_CreateConnection.html")
def provider(call: Call) -> Refusal | None:
    """A connection has a type of provider or a host, and not both; what somebody runs needs a host."""
    kind, host = call.params.get("ProviderType"), call.params.get("HostArn")
    if bool(kind) == bool(host):
        return Refusal(INVALID, "Exactly one of ProviderType and HostArn must be specified")
    if kind in HOSTED:
        return Refusal(INVALID, f"HostArn is required for the provider type {kind}")
    return None


@rule("CC-own-hosts", "codeconnections", "CreateHost", source=API + "API_CreateHost.html")
def hosted(call: Call) -> Refusal | None:
    """Only providers that somebody runs have hosts, with a URL."""
    if call.params["ProviderType"] not in HOSTED:
        return Refusal("ValidationException", f"Hosts are not supported for the provider type {call.params['ProviderType']}")
    if not call.params["ProviderEndpoint"].startswith(("https://", "http://")):
        return Refusal("ValidationException", f"{call.params['ProviderEndpoint']} is not a URL")
    return None


@rule(
    "CC-own-tags", "codeconnections", "CreateConnection", "CreateHost", "CreateRepositoryLink", "TagResource", source=API + "API_Tag.html"
)
def reserved(call: Call) -> Refusal | None:
    """Keys that begin with aws: are AWS's own."""
    keys = [tag["Key"] for tag in call.params.get("Tags", [])]
    if any(key.lower().startswith("aws:") for key in keys):
        return Refusal("ValidationException", "Tag keys that begin with aws: are reserved")
    if len(set(keys)) < len(keys):
        return Refusal("ValidationException", "Tag keys must be unique")
    return None
