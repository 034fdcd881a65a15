"""codebuild_project and _info against the emulated CodeBuild."""

from __future__ import annotations

from typing import Any

from tests.support import roles
from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "shop-production-build"
TAGS = {"application": "shop", "environment": "production", "managed-by": "railyard"}
IMAGE = "aws/codebuild/amazonlinux-x86_64-standard:5.0"
ENVIRONMENT = {"image": IMAGE, "privileged": True, "variables": [{"name": "REPOSITORY", "value": "shop"}]}


def item(role: str, name: str = NAME, **more: Any) -> dict[str, Any]:
    given = {"source": {"buildspec": "version: 0.2\n"}, "artifacts": {}, "environment": ENVIRONMENT}
    return {"name": name, "service_role_arn": role, **given, "log_group": f"/aws/codebuild/{name}", **more}


def run(emulated: Emulated, *projects: dict[str, Any], **params: Any) -> dict[str, Any]:
    return emulated.run("codebuild_project", projects=list(projects), **{"tags": TAGS, **params})


def written(emulated: Emulated) -> list[str]:
    return [one for one in emulated.writes() if one.startswith("codebuild:")]


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    role = roles.make(emulated, "build")
    projects = [item(role), item(role, "shop-production-test", concurrent_build_limit=2)]
    predicted = run(emulated, *projects, check=True)
    assert predicted["changed"] and [one["name"] for one in predicted["projects"]] == [one["name"] for one in projects]
    assert not written(emulated)

    created = run(emulated, *projects)
    assert created["changed"] and differences("codebuild_project", created) == []
    live = emulated.client("codebuild").batch_get_projects(names=[NAME])["projects"][0]
    assert live["environment"]["privilegedMode"] and live["logsConfig"]["cloudWatchLogs"]["groupName"] == f"/aws/codebuild/{NAME}"
    again = run(emulated, *projects)
    assert not again["changed"] and again["diff"] == []

    bigger = {**ENVIRONMENT, "compute_type": "BUILD_GENERAL1_MEDIUM"}
    changed = run(
        emulated, item(role, environment=bigger), {**projects[1], "concurrent_build_limit": None}, tags={**TAGS, "team": "checkout"}
    )
    assert [one["before_header"] for one in changed["diff"]] == [f"project {one['name']}" for one in projects]
    assert changed["projects"][0]["environment"]["compute_type"] == "BUILD_GENERAL1_MEDIUM"
    assert changed["projects"][1]["concurrent_build_limit"] is None and changed["projects"][1]["tags"]["team"] == "checkout"
    assert "concurrentBuildLimit" not in emulated.client("codebuild").batch_get_projects(names=["shop-production-test"])["projects"][0]

    found = emulated.run("codebuild_project_info", names=[NAME, "none"])
    assert differences("codebuild_project_info", found) == [] and [one["name"] for one in found["projects"]] == [NAME]

    names = [{"name": one["name"]} for one in projects]
    assert run(emulated, *names, state="absent", check=True)["changed"]
    assert run(emulated, *names, state="absent")["changed"]
    assert not run(emulated, *names, state="absent")["changed"]


def test_a_cache_and_a_vpc_come_and_go(emulated: Emulated) -> None:
    role = roles.make(emulated, "build")
    local = {"type": "LOCAL", "modes": ["LOCAL_DOCKER_LAYER_CACHE", "LOCAL_SOURCE_CACHE"]}
    run(emulated, item(role))
    assert run(emulated, item(role, cache=local))["changed"]
    assert not run(emulated, item(role, cache={**local, "modes": local["modes"][::-1]}))["changed"]
    assert run(emulated, item(role))["projects"][0]["cache"]["type"] == "NO_CACHE"


def test_nothing_is_written_when_one_can_never_work(emulated: Emulated) -> None:
    role = roles.make(emulated, "build")
    wrong = item(role, "shop-arm", environment={**ENVIRONMENT, "type": "ARM_CONTAINER", "image": "aws/codebuild/standard:7.0"})
    failed = run(emulated, item(role), wrong)
    assert failed["failed"] and "shop-arm: environment.image: aws/codebuild/standard:7.0 is Ubuntu" in failed["msg"]
    assert not written(emulated)


def test_a_fresh_role_and_a_lost_reply(emulated: Emulated) -> None:
    role = roles.make(emulated, "build")
    words = f"CodeBuild is not authorized to perform: sts:AssumeRole on {role}"
    fresh = {"fault": "refuse", "operation": "codebuild:CreateProject", "first": 1, "code": "InvalidInputException", "message": words}
    emulated.faults(fresh)
    assert run(emulated, item(role))["changed"]
    emulated.faults({"fault": "lost", "operation": "codebuild:CreateProject", "first": 1})
    assert run(emulated, item(role, "other"))["projects"][0]["arn"]
    assert not run(emulated, item(role), item(role, "other"))["changed"]


def test_one_of_somebody_else_is_refused(emulated: Emulated) -> None:
    role = roles.make(emulated, "build")
    run(emulated, item(role), tags={"team": "other"})
    failed = run(emulated, item(role))
    assert failed["failed"] and "not ours" in failed["msg"] and "codebuild update-project" in failed["msg"]
    assert "key=team,value=other" in failed["msg"]
