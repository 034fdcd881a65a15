# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Checks of the database. What RDS accepts: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Instances.html"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from .problem import Path, Problem, one_of

# Major versions under standard or extended support, of the engines that the rds role knows.
VERSIONS = {"postgres": ("13", "14", "15", "16", "17", "18")}
# Words that PostgreSQL reserves, and databases that RDS has already: https://www.postgresql.org/docs/current/sql-keywords-appendix.html
WORDS = """all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create default deferrable desc
    distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral leading limit localtime
    localtimestamp not null offset on only or order placing primary references returning select session_user some symmetric table then to
    trailing true union unique user using variadic when where window with db postgres rdsadmin template0 template1"""
TAKEN = frozenset(WORDS.split())
CLASS = re.compile(r"db\.[a-z][a-z0-9]*[0-9][a-z0-9-]*\.(micro|small|medium|large|\d*xlarge)")
STORAGE = (20, 65536)
BACKUP_DAYS = (0, 35)


def database(description: dict[str, Any]) -> dict[str, Any]:
    """The database with the size of this environment."""
    return {**description.get("railyard_database", {}), **description.get("railyard_sizes", {}).get("database", {})}


def located(description: dict[str, Any], key: str) -> Path:
    """The path of a database value: in the environment's sizes when they have it, else in `railyard_database`."""
    shared = key in description.get("railyard_database", {})
    own = key in description.get("railyard_sizes", {}).get("database", {})
    return ("railyard_database", key) if shared and not own else ("railyard_sizes", "database", key)


def version(description: dict[str, Any]) -> Iterator[Problem]:
    found = database(description)
    engine, text = found.get("engine"), found.get("version")
    if engine not in VERSIONS or text is None:
        return
    known = VERSIONS[engine]
    if not any(text == major or re.fullmatch(rf"{re.escape(major)}(\.\w+)+", text) for major in known):
        yield Problem(
            f"RDS has no {engine} {text}",
            located(description, "version"),
            f'{one_of(known)}, in quotes; with ".1" behind it, a minor version',
        )


def name(description: dict[str, Any]) -> Iterator[Problem]:
    """The name of the database in the instance is that of the application (rule RDS-5)."""
    app = description.get("railyard_app", "")
    if app.replace("-", "_") in TAKEN and "rds_database_name" not in description:
        right = f"another name, or rds_database_name: {app.replace('-', '_')}_production"
        yield Problem(f"the database would be called {app}, a word that PostgreSQL keeps for itself", ("railyard_app",), right)


def instance_class(description: dict[str, Any]) -> Iterator[Problem]:
    text = database(description).get("class")
    if text is not None and not CLASS.fullmatch(text):
        right = f"db.{text}" if CLASS.fullmatch(f"db.{text}") else "db.<family>.<size>, db.t4g.small for example"
        yield Problem(f"{text!r} is no class of database instances", located(description, "class"), right)


def complete(description: dict[str, Any]) -> Iterator[Problem]:
    """Problems for required values of the database that neither the environment nor the shared variables have."""
    if "railyard_database" not in description or "railyard_sizes" not in description:
        return
    examples = {"engine": "postgres", "version": '"17"', "class": "db.t4g.small", "storage": "20, in GiB"}
    found = database(description)
    for key, example in examples.items():
        if key not in found:
            path: Path = ("railyard_database", key) if key in ("engine", "version") else ("railyard_sizes", "database", key)
            yield Problem(f"the database has no {key}", path, f"{example}, for example")


def growth(description: dict[str, Any]) -> Iterator[Problem]:
    """The limit of automatic storage growth is at least a tenth above the storage (rule RDS-8)."""
    found = database(description)
    size, most = found.get("storage"), found.get("max_storage")
    if size is None or most is None or not STORAGE[0] <= size <= STORAGE[1]:
        return
    least = -(-size * 11 // 10)
    if not least <= most <= STORAGE[1]:
        what = f"RDS cannot grow storage of {size} GiB by itself up to {most}"
        yield Problem(what, located(description, "max_storage"), f"{least} to {STORAGE[1]}")


def numbers(description: dict[str, Any]) -> Iterator[Problem]:
    """Storage and backups (rules RDS-7, RDS-8)."""
    found = database(description)
    limits = {"storage": (STORAGE, "GiB of storage"), "backup_days": (BACKUP_DAYS, "days of backups")}
    for key, ((least, most), what) in limits.items():
        value = found.get(key)
        if value is not None and not least <= value <= most:
            yield Problem(f"RDS does not take {value} {what}", located(description, key), f"{least} to {most}")
