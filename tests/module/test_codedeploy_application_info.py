"""codedeploy_application_info against the emulated CodeDeploy."""

from tests.support.emulated import Emulated
from tests.support.walk import differences


def test_info_of_some_all_and_no_applications(emulated: Emulated) -> None:
    assert emulated.run("codedeploy_application_info")["applications"] == []
    for name in ("shop", "blog"):
        emulated.run("codedeploy_application", name=name, tags={"application": name})
    found = emulated.run("codedeploy_application_info", names=["shop", "absent"])
    assert not found["changed"] and differences("codedeploy_application_info", found) == []
    assert [(one["application_name"], one["tags"]) for one in found["applications"]] == [("shop", {"application": "shop"})]
    assert sorted(one["application_name"] for one in emulated.run("codedeploy_application_info")["applications"]) == ["blog", "shop"]
