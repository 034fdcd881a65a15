"""What RDS offers: engines, versions, upgrade paths, instance classes, certificates.

https://docs.aws.amazon.com/AmazonRDS/latest/PostgreSQLReleaseNotes/postgresql-versions.html and its like for MySQL and MariaDB.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...refusal import Refusal


def number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


@dataclass(frozen=True)
class Engine:
    """`batches` are the versions that came out together, oldest first; from one an instance can go to its own or a later batch."""

    name: str
    title: str
    port: int
    license: str
    logs: tuple[str, ...]
    reserved: frozenset[str]
    password: tuple[int, int]
    user_length: int
    database_length: int
    batches: tuple[tuple[str, ...], ...]
    default: str

    @property
    def versions(self) -> list[str]:
        return sorted((version for batch in self.batches for version in batch), key=number)

    def major(self, version: str) -> str:
        parts = version.split(".")
        return parts[0] if self.name == "postgres" else ".".join(parts[:2])

    def family(self, version: str) -> str:
        return f"{self.name}{self.major(version)}"

    def batch(self, version: str) -> int:
        return next(index for index, batch in enumerate(self.batches) if version in batch)

    def targets(self, version: str) -> list[str]:
        """The versions to which an instance of this version can be upgraded."""
        start = self.batch(version)
        later = [candidate for batch in self.batches[start:] for candidate in batch if number(candidate) > number(version)]
        return sorted(later, key=number)


POSTGRES = Engine(
    "postgres",
    "PostgreSQL",
    5432,
    "postgresql-license",
    ("postgresql", "upgrade", "iam-db-auth-error"),
    frozenset({"admin", "rdsadmin", "rds_superuser", "rds_replication", "rds_iam", "rds_password", "rdsrepladmin", "rdswriteforwarduser"}),
    (8, 128),
    63,
    63,
    (
        ("13.18", "14.15", "15.10", "16.6", "17.2"),
        ("13.20", "14.17", "15.12", "16.8", "17.4"),
        ("13.21", "14.18", "15.13", "16.9", "17.5"),
        ("13.22", "14.19", "15.14", "16.10", "17.6"),
        ("13.23", "14.20", "15.15", "16.11", "17.7", "18.1"),
    ),
    "17.6",
)
MYSQL = Engine(
    "mysql",
    "MySQL Community Edition",
    3306,
    "general-public-license",
    ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    frozenset({"rdsadmin", "root", "mysql", "user", "rdsrepladmin"}),
    (8, 41),
    16,
    64,
    (("8.0.40", "8.4.3"), ("8.0.41", "8.4.4"), ("8.0.42", "8.4.5"), ("8.0.43", "8.4.6"), ("8.0.44", "8.4.7")),
    "8.4.6",
)
MARIADB = Engine(
    "mariadb",
    "MariaDB Community Edition",
    3306,
    "general-public-license",
    ("audit", "error", "general", "slowquery", "iam-db-auth-error"),
    frozenset({"rdsadmin", "root", "mysql", "user", "rdsrepladmin"}),
    (8, 41),
    16,
    64,
    (("10.6.21", "10.11.11", "11.4.5"), ("10.6.22", "10.11.13", "11.4.7"), ("10.6.23", "10.11.14", "11.4.8", "11.8.3")),
    "11.8.3",
)
ENGINES = {engine.name: engine for engine in (POSTGRES, MYSQL, MARIADB)}
# What AWS has and the emulator has not.
ABSENT = ("aurora", "oracle", "sqlserver", "db2", "custom-")
FAMILIES = {engine.family(version): engine for engine in ENGINES.values() for version in engine.versions}
SIZES = {
    "t3": "micro small medium large xlarge 2xlarge",
    "t4g": "micro small medium large xlarge 2xlarge",
    "m5": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge",
    "m5d": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge",
    "m6g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "m6gd": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "m6i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge",
    "m7g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "m7i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "m8g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "r5": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge",
    "r6g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "r6gd": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "r6i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge",
    "r7g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
    "r7i": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "r8g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge",
    "x2g": "large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge",
}
CLASSES = [f"db.{family}.{size}" for family, sizes in SIZES.items() for size in sizes.split()]
# Classes that AWS knows and no longer gives to these versions.
RETIRED = ("db.t1.", "db.t2.", "db.m1.", "db.m2.", "db.m3.", "db.m4.", "db.r3.", "db.r4.")
CERTIFICATES = {"rds-ca-rsa2048-g1": 2061, "rds-ca-rsa4096-g1": 2121, "rds-ca-ecc384-g1": 2121}
DEFAULT_CERTIFICATE = "rds-ca-rsa2048-g1"
# Storage (GiB) at which gp3 volumes are striped, and what they then give at least (AWS: "Amazon RDS storage types").
STRIPED = 400
GP3_SMALL = (3000, 125)
GP3_STRIPED = (12000, 500)


def engine(name: str) -> Engine:
    if name in ENGINES:
        return ENGINES[name]
    if name.startswith(ABSENT):
        raise Refusal("InvalidParameterValue", f"Invalid DB engine: the emulator does not have {name}, only {', '.join(ENGINES)}")
    raise Refusal("InvalidParameterValue", f"Invalid DB engine: {name}")


def find_version(found: Engine, wanted: str) -> str | None:
    """The version that a name stands for: itself, or the newest of a major version."""
    if wanted in found.versions:
        return wanted
    of_major = [version for version in found.versions if found.major(version) == wanted]
    return of_major[-1] if of_major else None


def version(found: Engine, wanted: str | None) -> str:
    if wanted is None:
        return found.default
    chosen = find_version(found, wanted)
    if chosen is None:
        raise Refusal("InvalidParameterCombination", f"Cannot find version {wanted} for {found.name}")
    return chosen


def supports(found: Engine, chosen: str, instance_class: str) -> bool:
    """Whether a class runs a version; classes older than a version never get it."""
    newest = instance_class.startswith(("db.m8g.", "db.r8g."))
    return instance_class in CLASSES and not (newest and found.name == "mariadb" and found.major(chosen) == "10.6")


def storage_defaults(storage_type: str, size: int) -> dict[str, Any]:
    """Iops and throughput of a volume for which nothing else is asked."""
    if storage_type != "gp3":
        return {"StorageThroughput": 0}
    iops, throughput = GP3_STRIPED if size >= STRIPED else GP3_SMALL
    return {"Iops": iops, "StorageThroughput": throughput}
