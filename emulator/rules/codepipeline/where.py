"""What CodePipeline refuses of what a structure only names: roles and buckets. Asked last."""

from __future__ import annotations

from moto.s3.models import s3_backends

from ...registry import rule
from ...services.codepipeline import service_role
from ...services.iam import authority
from ...wire import Call, Refusal
from .names import API, STRUCTURES
from .structure import actions, structure

ASSUMED = "https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/codepipeline/codepipeline.go"


@rule("CP-11", "codepipeline", *STRUCTURES, source=ASSUMED)
def role(call: Call) -> Refusal | None:
    """CodePipeline must be able to assume the role: it exists and trusts codepipeline.amazonaws.com."""
    given = call.params["pipeline"]
    if service_role.assumable(call, given["roleArn"], given["name"]):
        return None
    return structure(service_role.NOT_ASSUMED.format(role=given["roleArn"]))


@rule("CP-11", "codepipeline", *STRUCTURES, source=API + "API_ActionDeclaration.html")
def roles_of_actions(call: Call) -> Refusal | None:
    """The pipeline's role must be able to assume the role of each action."""
    own = call.params["pipeline"]["roleArn"]
    who = authority.session(call, own, call.params["pipeline"]["name"])
    for wanted in dict.fromkeys(action["roleArn"] for _, action in actions(call) if action.get("roleArn")):
        found = authority.by_arn(call, wanted)
        trust = authority.text(found.assume_role_policy_document) if found is not None else ""
        if wanted != own and authority.denied(who, authority.ASSUME, wanted, resource_policy=trust, needed=True):
            return structure(f"{own} is not authorized to perform AssumeRole on role {wanted}")
    return None


@rule("CP-5", "codepipeline", *STRUCTURES, source=API + "API_ArtifactStore.html")
def buckets(call: Call) -> Refusal | None:
    """The bucket of a store exists, in the store's Region."""
    given = call.params["pipeline"]
    found = given.get("artifactStores") or {call.region: given["artifactStore"]}
    for region, store in found.items():
        name = store["location"]
        bucket = next((kept[name] for kept in (each["aws"].buckets for each in s3_backends.values()) if name in kept), None)
        if bucket is None:
            return structure(f"The artifact store bucket {name} does not exist or cannot be accessed")
        if bucket.region_name != region:
            return structure(f"The artifact store bucket {name} is in the region {bucket.region_name}. It must be in the region {region}")
    return None
