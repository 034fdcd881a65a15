"""What ECR refuses. https://docs.aws.amazon.com/AmazonECR/latest/APIReference/"""

from __future__ import annotations

import json
import re

from ... import world
from ...registry import rule
from ...services.ecr.store import Repository, blobs, digest, parsed, parts, repositories
from ...wire import Call, Refusal

SOURCE = "https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_"
TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")


def _invalid(where: str, words: str) -> Refusal:
    return Refusal("InvalidParameterException", f"Invalid parameter at '{where}' failed to satisfy constraint: '{words}'")


def _repository(call: Call) -> Repository | None:
    return repositories(call).get(call.params["repositoryName"])


@rule("ECR-1", "ecr", "CreateRepository", "PutImageTagMutability", source=f"{SOURCE}PutImageTagMutability.html")
def exclusions(call: Call) -> Refusal | None:
    """Exclusion filters come with the two mutabilities that are named after them, and only with those."""
    kind, filters = call.params.get("imageTagMutability", "MUTABLE"), call.params.get("imageTagMutabilityExclusionFilters")
    if kind.endswith("_WITH_EXCLUSION") is bool(filters):
        many = [each["filter"] for each in filters or [] if each["filter"].count("*") > 2]
        return _invalid("imageTagMutabilityExclusionFilters", "a filter has at most two wildcards") if many else None
    needs = "must be null" if filters else "can't be null"
    words = f"ImageTagMutabilityExclusionFilters {needs} when imageTagMutability is set as {kind}"
    return _invalid("imageTagMutabilityExclusionFilters", words)


@rule("ECR-1", "ecr", "CreateRepository", source=f"{SOURCE}EncryptionConfiguration.html")
def encryption(call: Call) -> Refusal | None:
    """A key comes with KMS encryption only, and exists."""
    wanted = call.params.get("encryptionConfiguration", {})
    key = wanted.get("kmsKey")
    if not key:
        return None
    if wanted["encryptionType"] == "AES256":
        return _invalid("encryptionConfiguration", "KmsKey must be null when EncryptionType is AES256")
    try:
        world.aws(call, "kms", "DescribeKey", KeyId=key)
    except Refusal as refusal:
        return Refusal("KmsException", refusal.message)
    return None


@rule("ECR-4", "ecr", "DeleteRepository", source=f"{SOURCE}DeleteRepository.html")
def not_empty(call: Call) -> Refusal | None:
    """A repository with images is deleted by force only."""
    held = _repository(call)
    if held is None or not held.images or call.params.get("force"):
        return None
    words = (
        f"The repository with name '{held.name}' in registry with id '{held.registry}' cannot be deleted because it still contains images"
    )
    return Refusal("RepositoryNotEmptyException", words)


@rule("ECR-own-manifest", "ecr", "PutImage", source=f"{SOURCE}PutImage.html")
def manifest(call: Call) -> Refusal | None:
    """A manifest is JSON, and its digest is the one that was announced."""
    content = parsed(call.params["imageManifest"])
    if content is None:
        return _invalid("ImageManifest", "Invalid JSON syntax")
    kind = call.params.get("imageManifestMediaType")
    if kind and content.get("mediaType", kind) != kind:
        return _invalid("ImageManifestMediaType", "must be the media type of the manifest")
    announced = call.params.get("imageDigest")
    if announced and announced != digest(call.params["imageManifest"]):
        return Refusal("ImageDigestDoesNotMatchException", "The specified image digest does not match the digest calculated for the image.")
    return None


@rule("ECR-own-tag", "ecr", "PutImage", source=f"{SOURCE}PutImage.html")
def tag(call: Call) -> Refusal | None:
    """A tag is a word of at most 128 characters."""
    wanted = call.params.get("imageTag")
    if not wanted or TAG.fullmatch(wanted):
        return None
    return _invalid("imageTag", f"must satisfy regular expression '{TAG.pattern}'")


@rule("ECR-2", "ecr", "PutImage", source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-tag-mutability.html")
def immutable(call: Call) -> Refusal | None:
    """A tag that is immutable stays with its image."""
    held, wanted = _repository(call), str(call.params.get("imageTag", ""))
    owner = held.tagged(wanted) if held and wanted else None
    if held is None or owner is None or not held.keeps(wanted) or owner.digest == digest(call.params["imageManifest"]):
        return None
    words = (
        f"The image tag '{wanted}' already exists in the '{held.name}' repository and cannot be overwritten because the tag is immutable."
    )
    return Refusal("ImageTagAlreadyExistsException", words)


@rule("ECR-own-layers", "ecr", "PutImage", source=f"{SOURCE}PutImage.html")
def layers(call: Call) -> Refusal | None:
    """What a manifest names is in the repository before it: layers and configuration, and an index's images."""
    held, content = _repository(call), parsed(call.params["imageManifest"])
    if held is None or content is None:
        return None
    needed = (
        ("LayersNotFoundException", "Layers", blobs(content), held.layers),
        ("ReferencedImagesNotFoundException", "Images", parts(content), held.images),
    )
    for code, what, named, there in needed:
        if absent := sorted(set(named) - set(there)):
            return Refusal(code, f"{what} with digests '[{', '.join(absent)}]' required for pushing image into {held.words} do not exist")
    return None


@rule("ECR-own-policy", "ecr", "SetRepositoryPolicy", source=f"{SOURCE}SetRepositoryPolicy.html")
def policy(call: Call) -> Refusal | None:
    """A policy is a document with statements that say who may do what."""
    try:
        statements = json.loads(call.params["policyText"])["Statement"]
        listed = statements if isinstance(statements, list) else [statements]
        good = listed and all({"Effect", "Principal"} <= set(each) and {"Action", "NotAction"} & set(each) for each in listed)
    except (ValueError, TypeError, KeyError):
        good = False
    return None if good else _invalid("PolicyText", "Invalid repository policy provided")


@rule(
    "ECR-own-tags",
    "ecr",
    "CreateRepository",
    "TagResource",
    source="https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-using-tags.html",
)
def tags(call: Call) -> Refusal | None:
    """At most 50 tags, keys of 1 to 128 characters, values up to 256, none of AWS's own."""
    listed = call.params.get("tags", [])
    if len({each["Key"] for each in listed}) > 50:
        return Refusal("TooManyTagsException", "The list of tags on the repository is over the limit. The maximum number of tags is 50.")
    for each in listed:
        if each["Key"].lower().startswith("aws:") or not 1 <= len(each["Key"]) <= 128 or len(each["Value"]) > 256:
            words = "Tag keys can have a maximum character length of 128 characters, and tag values of 256 characters."
            return Refusal("InvalidTagParameterException", f"An invalid parameter has been specified. {words}")
    return None


@rule("ECR-own-scanning", "ecr", "PutRegistryScanningConfiguration", source=f"{SOURCE}PutRegistryScanningConfiguration.html")
def scanning(call: Call) -> Refusal | None:
    """Basic scanning is on push or by hand; continuous scanning is enhanced. Each frequency once."""
    kind, rules = call.params.get("scanType", "BASIC"), call.params.get("rules", [])
    frequencies = [each["scanFrequency"] for each in rules]
    if len(set(frequencies)) < len(frequencies):
        return _invalid("rules", "each scan frequency can occur in one rule only")
    wrong = "CONTINUOUS_SCAN" if kind == "BASIC" else "MANUAL"
    return _invalid("rules", f"Scan frequency {wrong} is not supported with scan type {kind}") if wrong in frequencies else None
