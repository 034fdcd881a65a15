"""ECR: scans, which take half a minute and find nothing, and what the registry scans.
https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
"""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from .store import Image, Repository, absent, chosen, find, repositories

SECONDS = 30.0


def scan(image: Image) -> None:
    image.scan = {"status": "IN_PROGRESS", "description": "The scan is in progress.", "started": world.clock.now()}

    def done() -> None:
        now = world.clock.utc()
        image.scan.update(status="COMPLETE", description="The scan was completed successfully.", completed=now)

    world.clock.after(SECONDS, done)


def _configuration(call: Call) -> dict[str, Any]:
    held: dict[str, Any] = world.store("ecr", call).setdefault("scanning", {"scanType": "BASIC", "rules": []})
    return held


def _rule(call: Call, name: str) -> dict[str, Any] | None:
    """The registry's rule for a repository of this name."""
    for rule in _configuration(call)["rules"]:
        if any(fnmatchcase(name, each["filter"]) for each in rule["repositoryFilters"]):
            return dict(rule)
    return None


def scans_on_push(call: Call, repository: Repository) -> bool:
    """The registry's rules count; a repository's own setting counts where the registry has none."""
    rule = _rule(call, repository.name)
    return rule["scanFrequency"] in ("SCAN_ON_PUSH", "CONTINUOUS_SCAN") if rule else repository.scan_on_push


@operation("ecr", "PutRegistryScanningConfiguration")
def put_registry_scanning_configuration(call: Call) -> dict[str, Any]:
    held = _configuration(call)
    held.update(scanType=call.params.get("scanType", "BASIC"), rules=call.params.get("rules", []))
    return {"registryScanningConfiguration": held}


@operation("ecr", "GetRegistryScanningConfiguration")
def get_registry_scanning_configuration(call: Call) -> dict[str, Any]:
    return {"registryId": call.account, "scanningConfiguration": _configuration(call)}


@operation("ecr", "BatchGetRepositoryScanningConfiguration")
def batch_get_repository_scanning_configuration(call: Call) -> dict[str, Any]:
    found, failures = [], []
    for name in call.params["repositoryNames"]:
        if name not in repositories(call):
            words = f"The repository with name '{name}' does not exist in the registry with id '{call.account}'"
            failures.append({"repositoryName": name, "failureCode": "REPOSITORY_NOT_FOUND", "failureReason": words})
            continue
        repository, rule = find(call, name), _rule(call, name)
        on_push = scans_on_push(call, repository)
        frequency = rule["scanFrequency"] if rule else "SCAN_ON_PUSH" if on_push else "MANUAL"
        answer = {"repositoryArn": repository.arn, "repositoryName": name, "scanOnPush": on_push, "scanFrequency": frequency}
        found.append({**answer, "appliedScanFilters": rule["repositoryFilters"] if rule else []})
    return {"scanningConfigurations": found, "failures": failures}


def _image(call: Call) -> tuple[Repository, Image]:
    repository, identity = find(call), call.params["imageId"]
    image = chosen(repository, identity)
    if image is None:
        raise absent(repository, identity)
    return repository, image


def _about(call: Call, repository: Repository, image: Image) -> dict[str, Any]:
    status = {"status": image.scan["status"], "description": image.scan["description"]}
    identity = {**call.params["imageId"], "imageDigest": image.digest}
    return {"registryId": repository.registry, "repositoryName": repository.name, "imageId": identity, "imageScanStatus": status}


@operation("ecr", "StartImageScan")
def start_image_scan(call: Call) -> dict[str, Any]:
    """By hand, an image is scanned once in 24 hours."""
    repository, image = _image(call)
    if _configuration(call)["scanType"] == "ENHANCED":
        raise Refusal("ValidationException", "This feature is disabled")
    if world.clock.now() - image.scan.get("started", float("-inf")) < 86_400 / world.clock.speed:
        raise Refusal("LimitExceededException", "The scan quota per image has been exceeded. Wait and try again.")
    scan(image)
    return _about(call, repository, image)


@operation("ecr", "DescribeImageScanFindings")
def describe_image_scan_findings(call: Call) -> dict[str, Any]:
    repository, image = _image(call)
    if not image.scan:
        words = f"Image scan does not exist for the image with digest '{image.digest}' in {repository.words}"
        raise Refusal("ScanNotFoundException", words)
    answer = _about(call, repository, image)
    if image.scan["status"] == "COMPLETE":
        done = image.scan["completed"]
        findings = {"imageScanCompletedAt": done, "vulnerabilitySourceUpdatedAt": done, "findings": [], "findingSeverityCounts": {}}
        answer["imageScanFindings"] = findings
    return answer
