# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a deployment group may be: rules CD-2 to CD-13, ECS-L1 and ECS-L5, checked before anything is written."""

from __future__ import annotations

from typing import Any

from .._core.errors import RailyardError

ROLLBACK_EVENTS = ["DEPLOYMENT_FAILURE", "DEPLOYMENT_STOP_ON_ALARM", "DEPLOYMENT_STOP_ON_REQUEST"]
TRIGGER_EVENTS = ["DeploymentStart", "DeploymentSuccess", "DeploymentFailure", "DeploymentStop", "DeploymentRollback", "DeploymentReady"]
ALL_AT_ONCE = "CodeDeployDefault.ECSAllAtOnce"
LONGEST_KEPT = 2880


def validate(wanted: dict[str, Any], region: str, predict: bool) -> None:
    """Raises RailyardError for what AWS would refuse. If `predict`, the listeners need not exist yet: their ARNs may be empty."""
    _target_groups(wanted["target_group_pair"])
    _listeners(wanted["production_listener_arn"], wanted["test_listener_arn"], predict)
    _config(wanted["deployment_config_name"], wanted["production_listener_arn"])
    _waits(wanted["ready"], wanted["terminate_after_minutes"])
    _alarms(wanted["alarms"])
    _triggers(wanted["triggers"], region)


def _target_groups(pair: list[str]) -> None:
    if len(pair) != 2 or pair[0] == pair[1]:
        raise RailyardError(f"target_group_pair takes two different target groups (rule CD-6), not {', '.join(pair) or 'none'}")
    for name in pair:
        if name.startswith("arn:") or not 1 <= len(name) <= 32:
            raise RailyardError(
                f"target_group_pair has {name!r}; CodeDeploy takes the name of at most 32 characters, never the ARN (rule CD-7)"
            )


def _listeners(production: str, test: str | None, predict: bool) -> None:
    for option, arn in (("production_listener_arn", production), ("test_listener_arn", test)):
        optional = predict or option == "test_listener_arn"
        if (arn or not optional) and ":listener/" not in (arn or ""):
            raise RailyardError(f"{option} is {arn!r}; it must be the ARN of a listener")
    if not production or not test:
        return
    if production == test:
        raise RailyardError("test_listener_arn is the production listener; a release is tried out on another port")
    if production.rsplit("/", 1)[0] != test.rsplit("/", 1)[0]:
        raise RailyardError(f"{test} belongs to another load balancer than {production} (rule ECS-L1)")


def _config(name: str | None, listener: str) -> None:
    if name and name.startswith("CodeDeployDefault.") and not name.startswith("CodeDeployDefault.ECS"):
        raise RailyardError(f"deployment_config_name is {name}, which is not for ECS (rule CD-11); for example {ALL_AT_ONCE} is")
    if ":listener/net/" in listener and (name or ALL_AT_ONCE) != ALL_AT_ONCE:
        raise RailyardError(f"deployment_config_name is {name}; behind a Network Load Balancer it must be {ALL_AT_ONCE} (rule ECS-L5)")


def _waits(ready: dict[str, Any] | None, terminate: int | None) -> None:
    minutes = (ready or {}).get("wait_minutes") or 0
    if ready and ready["action"] == "CONTINUE_DEPLOYMENT" and minutes:
        raise RailyardError(f"ready.wait_minutes is {minutes}; CONTINUE_DEPLOYMENT waits for nobody (rule CD-4): use STOP_DEPLOYMENT")
    if ready and ready["action"] == "STOP_DEPLOYMENT" and minutes < 1:
        raise RailyardError("ready.wait_minutes must be more than 0 with STOP_DEPLOYMENT (rule CD-4)")
    if terminate is not None and not 0 <= terminate <= LONGEST_KEPT:
        raise RailyardError(f"terminate_after_minutes is {terminate}; it must be 0 to {LONGEST_KEPT}, which is two days (rule CD-5)")


def _alarms(alarms: list[str] | None) -> None:
    names = alarms or []
    if len(names) > 10 or len(set(names)) != len(names) or not all(names):
        raise RailyardError(f"alarms takes at most 10 different names (rule CD-13), not {len(names)}: {', '.join(names)}")


def _triggers(triggers: list[dict[str, Any]] | None, region: str) -> None:
    triggers = triggers or []
    if len(triggers) > 10:
        raise RailyardError(f"triggers takes at most 10 (rule CD-13), not {len(triggers)}")
    for key in ("name", "topic_arn"):
        if len({trigger[key] for trigger in triggers}) != len(triggers):
            raise RailyardError(f"two triggers have the same {key} (rule CD-13)")
    for trigger in triggers:
        if not trigger["events"]:
            raise RailyardError(f"trigger {trigger['name']} has no events")
        parts = trigger["topic_arn"].split(":")
        if len(parts) != 6 or parts[2] != "sns" or parts[3] != region:
            raise RailyardError(f"trigger {trigger['name']}: {trigger['topic_arn']} is not an SNS topic in {region} (rule CD-13)")
