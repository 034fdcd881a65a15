# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whether RDS can create the declared database, or change the live one to it. Orderable options are read only when something changes."""

from __future__ import annotations

import difflib
from typing import Any

from .._core import aws
from .._core.errors import RailyardError
from .._ec2 import zones as ec2_zones
from .._rds import changes, instance
from . import zones
from .problem import Path, Problem, one_of

# Options of an instance and the key of the inventory that says them.
KEYS = {
    "engine": "engine",
    "engine_version": "version",
    "db_instance_class": "class",
    "allocated_storage": "storage",
    "max_allocated_storage": "max_storage",
}


def look(rds: Any, ec2: Any, wanted: dict[str, Any]) -> tuple[list[Problem], list[Problem]]:
    """Problems, and a note for each value that RDS has changed by itself and the role keeps.

    `wanted`: options of rds_instance, region, multi_az, `paths` in the inventory by key, and what `zones.problems` takes. Raises
    RailyardError when a call fails.
    """
    live = instance.find(rds, wanted["db_instance_identifier"])
    if live is None:
        return _offered(rds, wanted, ec2), []
    found = [
        Problem(what, _path(wanted, option), "what is there, or what it can become") for option, what in changes.refusals(wanted, live)
    ]
    asked = wanted["engine_version"]
    version = not (changes.same_version(asked, live["engine_version"]) or changes.overtaken(asked, live))
    if not found and (version or wanted["db_instance_class"] != live["db_instance_class"]):
        found = _offered(rds, wanted)
    return found, [] if found else _kept(wanted, live)


def _kept(wanted: dict[str, Any], live: dict[str, Any]) -> list[Problem]:
    told = []
    for option, values in changes.kept(wanted, live).items():
        what = f"RDS has changed {KEYS[option]} of the database from {values['declared']} to {values['live']}, which is kept"
        told.append(Problem(what, _path(wanted, option), _said(values)))
    return told


def _said(values: dict[str, Any]) -> str:
    """The live value as YAML for the inventory: a version in quotes, a major version when a major version is declared."""
    declared, live = values["declared"], values["live"]
    if not isinstance(declared, str):
        return str(live)
    return f'"{live if "." in declared else live.split(".")[0]}"'


def _offered(rds: Any, wanted: dict[str, Any], ec2: Any = None) -> list[Problem]:
    """Problems of class, version and number of zones in this Region; with `ec2` also of the zones of the subnets."""
    kind, version = wanted["db_instance_class"], wanted["engine_version"]
    options = _options(rds, Engine=wanted["engine"], DBInstanceClass=kind)
    if not options:
        return [_no_class(rds, wanted)]
    fitting = [option for option in options if changes.same_version(version, option["EngineVersion"])]
    exact = [option for option in fitting if version in (option["EngineVersion"], option["EngineVersion"].split(".")[0])]
    if not exact:
        versions = sorted({option["EngineVersion"] for option in options}, key=_numbers)
        near = [one for one in versions if one.split(".")[0] == version.split(".")[0]]
        majors = sorted({one.split(".")[0] for one in versions}, key=_numbers)
        what = f"RDS offers no {wanted['engine']} {version} on {kind} in {wanted['region']}"
        return [Problem(what, _path(wanted, "engine_version"), one_of(near or majors))]
    offered = {zone["Name"] for option in exact for zone in option.get("AvailabilityZones", [])}
    if wanted["multi_az"] and len(offered) < 2:
        what = f"RDS offers {kind} in {one_of(sorted(offered))} only, and a standby needs a second zone"
        return [Problem(what, _path(wanted, "db_instance_class"), "another class, or multi_az: false")]
    return zones.problems(wanted, ec2_zones.find(ec2), offered) if ec2 else []


def _no_class(rds: Any, wanted: dict[str, Any]) -> Problem:
    default = aws.call(rds, "DescribeDBEngineVersions", Engine=wanted["engine"], DefaultOnly=True)["DBEngineVersions"]
    version = {"EngineVersion": default[0]["EngineVersion"]} if default else {}
    classes = sorted({option["DBInstanceClass"] for option in _options(rds, Engine=wanted["engine"], **version)})
    kind = wanted["db_instance_class"]
    near = difflib.get_close_matches(kind, classes, 3, 0.6) or classes[:3]
    what = f"RDS offers no {kind} for {wanted['engine']} in {wanted['region']}"
    return Problem(what, _path(wanted, "db_instance_class"), f"{one_of(near)}, for example")


def _options(rds: Any, **asked: str) -> list[dict[str, Any]]:
    return aws.pages(rds, "DescribeOrderableDBInstanceOptions", "OrderableDBInstanceOptions", Vpc=True, **asked)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]


def _path(wanted: dict[str, Any], option: str) -> Path:
    return tuple(wanted["paths"].get(KEYS.get(option, ""), ["railyard_database"]))


def refused(error: RailyardError) -> Problem:
    rds = "rds:DescribeDBInstances, rds:DescribeOrderableDBInstanceOptions, rds:DescribeDBEngineVersions"
    right = f"{rds} and ec2:DescribeAvailabilityZones allowed for the caller"
    return Problem(f"AWS does not say what it has and offers: {error.message}", ("railyard_database",), right)
