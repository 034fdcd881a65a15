"""ssm_service_setting and ssm_service_setting_info against the emulated Systems Manager."""

from tests.support.emulated import Emulated
from tests.support.walk import differences


def test_the_tier_of_nodes(emulated: Emulated) -> None:
    read = emulated.run("ssm_service_setting_info")
    assert differences("ssm_service_setting_info", read) == [] and read["setting"]["setting_value"] == "standard"

    assert emulated.run("ssm_service_setting", value="advanced", check=True)["changed"] and emulated.writes() == []
    changed = emulated.run("ssm_service_setting", value="advanced")
    assert changed["changed"] and differences("ssm_service_setting", changed) == []
    assert changed["diff"]["before"]["setting_value"] == "standard" and changed["diff"]["after"]["setting_value"] == "advanced"
    assert not emulated.run("ssm_service_setting", value="advanced")["changed"]
    assert emulated.run("ssm_service_setting_info")["setting"]["setting_value"] == "advanced"


def test_invalid_settings_are_refused(emulated: Emulated) -> None:
    assert "standard or advanced" in emulated.run("ssm_service_setting", value="gold")["msg"]
    assert "has no setting /ssm/nothing" in emulated.run("ssm_service_setting_info", name="/ssm/nothing")["msg"]
    assert emulated.writes() == []
