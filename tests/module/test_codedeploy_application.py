"""codedeploy_application against the emulated CodeDeploy."""

from tests.support.emulated import Emulated
from tests.support.walk import differences

NAME = "shop-production"


def run(emulated: Emulated, **params):
    return emulated.run("codedeploy_application", **{"name": NAME, "tags": {"application": "shop"}, **params})


def test_check_create_again_change_delete(emulated: Emulated) -> None:
    predicted = run(emulated, check=True)
    assert predicted["changed"] and predicted["application"]["tags"] == {"application": "shop"}
    assert not emulated.writes()

    created = run(emulated)
    assert created["changed"] and differences("codedeploy_application", created) == []
    assert predicted["application"].items() <= created["application"].items()
    assert emulated.client("codedeploy").get_application(applicationName=NAME)["application"]["computePlatform"] == "ECS"

    assert not run(emulated)["changed"]

    changed = run(emulated, tags={"team": "checkout"})
    assert changed["diff"]["before"]["tags"] == {"application": "shop"}
    assert changed["diff"]["after"]["tags"] == changed["application"]["tags"] == {"team": "checkout"}
    assert not run(emulated, tags=None)["changed"]

    assert run(emulated, state="absent", check=True)["changed"]
    assert run(emulated, state="absent")["changed"]
    assert emulated.refused("codedeploy", "get_application", applicationName=NAME)[0] == "ApplicationDoesNotExistException"
    assert not run(emulated, state="absent")["changed"]


def test_another_platform_is_an_error_that_shows_what_is_live(emulated: Emulated) -> None:
    run(emulated, compute_platform="Server")
    failed = run(emulated)
    assert failed["failed"] and "cannot become ECS" in failed["msg"]
    assert failed["live"]["compute_platform"] == "Server"
