"""What RDS offers, seen through its own operations: engine versions, orderable classes, certificates, default option groups."""

from __future__ import annotations

from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call
from . import engines, shape
from . import state as rds
from .engines import Engine

GIB = 65536


def _wanted(call: Call) -> list[tuple[Engine, str]]:
    """The engines and versions that a request asks for. Raises InvalidParameterValue for an unknown engine."""
    name, version = call.params.get("Engine"), call.params.get("EngineVersion")
    family = call.params.get("DBParameterGroupFamily")
    found = [engines.engine(name)] if name else list(engines.ENGINES.values())
    pairs = [(engine, each) for engine in found for each in engine.versions]
    return [
        (engine, each)
        for engine, each in pairs
        if (not version or version in (each, engine.major(each))) and (not family or family == engine.family(each))
    ]


def _version(engine: Engine, version: str) -> dict[str, Any]:
    newest = [each for each in engine.versions if engine.major(each) == engine.major(version)][-1]
    return {
        "Engine": engine.name,
        "MajorEngineVersion": engine.major(version),
        "EngineVersion": version,
        "DBParameterGroupFamily": engine.family(version),
        "DBEngineDescription": engine.title,
        "DBEngineVersionDescription": f"{engine.title.split()[0]} {version}",
        "ValidUpgradeTarget": [
            {
                "Engine": engine.name,
                "EngineVersion": target,
                "Description": f"{engine.title.split()[0]} {target}",
                "AutoUpgrade": target == newest,
                "IsMajorVersionUpgrade": engine.major(target) != engine.major(version),
            }
            for target in engine.targets(version)
        ],
        "ExportableLogTypes": list(engine.logs),
        "SupportsLogExportsToCloudwatchLogs": True,
        "SupportsReadReplica": True,
        "SupportedFeatureNames": [],
        "Status": "available",
        "SupportsParallelQuery": False,
        "SupportsGlobalDatabases": False,
        "SupportsBabelfish": False,
        "SupportsLimitlessDatabase": False,
        "SupportsCertificateRotationWithoutRestart": engine.name != "mariadb",
        "SupportedCACertificateIdentifiers": sorted(engines.CERTIFICATES),
        "SupportsLocalWriteForwarding": False,
        "SupportsIntegrations": False,
    }


@operation("rds", "DescribeDBEngineVersions")
def describe_db_engine_versions(call: Call) -> dict[str, Any]:
    pairs = _wanted(call)
    if call.params.get("DefaultOnly"):
        major = call.params.get("EngineVersion")
        pairs = [(engine, each) for engine, each in pairs if each == (engines.find_version(engine, major) if major else engine.default)]
    return rds.page(call, [_version(engine, each) for engine, each in pairs], "DBEngineVersions")


@operation("rds", "DescribeOrderableDBInstanceOptions")
def describe_orderable_db_instance_options(call: Call) -> dict[str, Any]:
    zones = [{"Name": zone["ZoneName"]} for zone in world.aws(call, "ec2", "DescribeAvailabilityZones")["AvailabilityZones"]]
    wanted = call.params.get("DBInstanceClass")
    options = []
    for engine, version in _wanted(call):
        for instance_class in engines.CLASSES:
            if (not wanted or wanted == instance_class) and engines.supports(engine, version, instance_class):
                options += [_option(engine, version, instance_class, kind, zones) for kind in ("gp2", "gp3", "io1")]
    return rds.page(call, options, "OrderableDBInstanceOptions")


def _option(engine: Engine, version: str, instance_class: str, kind: str, zones: list[dict[str, str]]) -> dict[str, Any]:
    limits = {"MinStorageSize": 100 if kind == "io1" else 20, "MaxStorageSize": GIB}
    if kind == "gp3":
        limits |= {"MinIopsPerDbInstance": 3000, "MaxIopsPerDbInstance": 64000, "MinStorageThroughputPerDbInstance": 125}
    return {
        "Engine": engine.name,
        "EngineVersion": version,
        "DBInstanceClass": instance_class,
        "LicenseModel": engine.license,
        "AvailabilityZones": zones,
        "MultiAZCapable": True,
        "ReadReplicaCapable": True,
        "Vpc": True,
        "SupportsStorageEncryption": True,
        "StorageType": kind,
        "SupportsIops": kind != "gp2",
        "SupportsStorageThroughput": kind == "gp3",
        "SupportsEnhancedMonitoring": True,
        "SupportsIAMDatabaseAuthentication": True,
        "SupportsPerformanceInsights": True,
        "SupportsStorageAutoscaling": True,
        "SupportedNetworkTypes": ["IPV4", "DUAL"],
        **limits,
    }


@operation("rds", "DescribeCertificates")
def describe_certificates(call: Call) -> dict[str, Any]:
    wanted = call.params.get("CertificateIdentifier")
    names = [wanted] if wanted else sorted(engines.CERTIFICATES)
    certificates = []
    for name in names:
        details = shape.certificate(name)
        certificates.append(
            {
                "CertificateIdentifier": name,
                "CertificateType": "CA",
                "ValidFrom": details["ValidTill"].replace(year=2021),
                "ValidTill": details["ValidTill"],
                "CertificateArn": f"arn:aws:rds:{call.region}::cert:{name}",
                "CustomerOverride": False,
            }
        )
    return {**rds.page(call, certificates, "Certificates"), "DefaultCertificateForNewLaunches": engines.DEFAULT_CERTIFICATE}
