"""What RDS refuses of ports, storage, encryption and instance classes (rules RDS-8 and RDS-9)."""

from __future__ import annotations

from ...refusal import Refusal
from ...registry import rule
from ...services.rds import engines
from ...services.rds import state as rds
from ...wire import Call

GUIDE = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/CHAP_Storage.html"
CLASSES = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.DBInstanceClass.html"
CHANGING = ("CreateDBInstance", "ModifyDBInstance", "RestoreDBInstanceFromDBSnapshot", "CreateDBInstanceReadReplica")
KINDS = ("gp2", "gp3", "io1", "io2")
LARGEST = 65536


def _live(call: Call) -> rds.Instance:
    if call.operation != "ModifyDBInstance":
        return {}
    return rds.find_instance(call, call.params["DBInstanceIdentifier"]) or {}


@rule("RDS-8", "rds", *CHANGING, source=GUIDE)
def port(call: Call) -> Refusal | None:
    """A port is 1150 to 65535."""
    number = call.params.get("Port", call.params.get("DBPortNumber", 1150))
    if 1150 <= number <= 65535:
        return None
    return rds.invalid(f"Invalid endpoint port {number}, valid range is 1150-65535.")


@rule("RDS-8", "rds", *CHANGING, source=GUIDE)
def storage_type(call: Call) -> Refusal | None:
    """Magnetic storage is not for new instances; io1 and io2 need to be told how fast."""
    kind = call.params.get("StorageType")
    if kind is None:
        return None
    if kind == "standard":
        return rds.combination("Magnetic storage (standard) is no longer supported for new DB instances. Use gp3 instead.")
    if kind not in KINDS:
        return rds.invalid(f"Invalid storage type: {kind}")
    if kind in ("io1", "io2") and not (call.params.get("Iops") or _live(call).get("Iops")):
        return rds.combination(f"You must specify the Iops parameter for storage type {kind}.")
    if kind == "gp2" and (call.params.get("Iops") or call.params.get("StorageThroughput")):
        return rds.combination("You can't specify IOPS or storage throughput for storage type gp2.")
    return None


@rule("RDS-8", "rds", "CreateDBInstance", source=GUIDE)
def size(call: Call) -> Refusal | None:
    """Storage begins at 20 GiB for general purpose and at 100 GiB for provisioned IOPS."""
    kind, size = call.params.get("StorageType", "gp3"), call.params["AllocatedStorage"]
    engine = call.params["Engine"].lower()
    least = 100 if kind in ("io1", "io2") else 20
    if not least <= size <= LARGEST:
        return rds.invalid(f"Invalid storage size for engine name {engine} and storage type {kind}: {size}")
    return None


@rule("RDS-8", "rds", "CreateDBInstance", "ModifyDBInstance", source=GUIDE)
def most(call: Call) -> Refusal | None:
    """Storage that grows by itself may grow: its limit is above its size."""
    highest = call.params.get("MaxAllocatedStorage")
    live = _live(call)
    size = call.params.get("AllocatedStorage", live.get("AllocatedStorage"))
    if highest is None or size is None or highest > size or (live and highest == size):
        return None
    return rds.combination(f"Max storage size must be greater than storage size: {highest} is not greater than {size}")


@rule("RDS-8", "rds", "CreateDBInstance", "ModifyDBInstance", source=GUIDE)
def speed(call: Call) -> Refusal | None:
    """gp3 below the striping size has a fixed speed; above it 12000 IOPS is the least."""
    wanted, live = call.params, _live(call)
    kind = wanted.get("StorageType", live.get("StorageType", "gp3"))
    size = int(wanted.get("AllocatedStorage", live.get("AllocatedStorage", 0)) or 0)
    if kind != "gp3" or not {"Iops", "StorageThroughput"} & set(wanted):
        return None
    base_iops, base_throughput = engines.GP3_STRIPED if size >= engines.STRIPED else engines.GP3_SMALL
    iops = int(wanted.get("Iops", live.get("Iops", base_iops)) or 0)
    throughput = int(wanted.get("StorageThroughput", live.get("StorageThroughput", base_throughput)) or 0)
    if size < engines.STRIPED and (call.operation == "CreateDBInstance" or (iops, throughput) != engines.GP3_SMALL):
        engine = wanted.get("Engine") or live.get("Engine")
        return rds.combination(f"You can't specify IOPS or storage throughput for engine {engine} and a storage size less than 400.")
    if iops < base_iops or throughput < base_throughput:
        return rds.combination(f"Invalid iops or throughput: gp3 of {size} GiB has at least {base_iops} IOPS and {base_throughput} MiB/s.")
    return None


@rule("RDS-8", "rds", "ModifyDBInstance", source=GUIDE)
def growth(call: Call) -> Refusal | None:
    """Storage never shrinks; growth of less than a tenth is rounded up."""
    size, now = call.params.get("AllocatedStorage"), _live(call).get("AllocatedStorage")
    if size is None or now is None or size == now:
        return None
    if size < now:
        return rds.combination("Invalid storage size: requested storage size is less than current size; storage cannot be reduced.")
    return None


@rule("RDS-8", "rds", "ModifyDBInstance", source=GUIDE)
def size_and_speed(call: Call) -> Refusal | None:
    """Storage whose speed is provisioned, gp3 from 400 GiB on too, is changed together with its speed."""
    wanted, live = call.params, _live(call)
    kind, now = wanted.get("StorageType", live.get("StorageType")), int(live.get("AllocatedStorage", 0))
    size, iops = int(wanted.get("AllocatedStorage") or now), wanted.get("Iops")
    changes = [name for name in ("AllocatedStorage", "Iops") if name in wanted and wanted[name] != live.get(name)]
    if not changes or kind == "gp2" or (kind == "gp3" and size < engines.STRIPED):
        return None
    if kind == "gp3" and now < engines.STRIPED and iops in (None, engines.GP3_SMALL[0]):
        return rds.combination(f"Invalid iops value for engine name {live['Engine']} and storage type gp3: {engines.GP3_SMALL[0]}")
    if "AllocatedStorage" not in wanted or iops is None:
        return rds.combination(
            "You must specify both the storage size and iops when modifying the storage size or iops on a DB instance that has iops."
        )
    return None


@rule("RDS-9", "rds", *CHANGING, source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Overview.Encryption.html")
def encryption(call: Call) -> Refusal | None:
    """A key is for encrypted storage, which is decided when an instance is made."""
    if call.operation == "CreateDBInstance" and call.params.get("KmsKeyId") and call.params.get("StorageEncrypted") is not True:
        return rds.combination("You must set StorageEncrypted to true when you specify a KmsKeyId.")
    return None


@rule("RDS-8", "rds", *CHANGING, source=CLASSES)
def instance_class(call: Call) -> Refusal | None:
    """Not every class exists, and not every engine version runs on each."""
    name = call.params.get("DBInstanceClass")
    live = _live(call)
    engine = engines.ENGINES.get((call.params.get("Engine") or live.get("Engine") or "").lower())
    if name is None or (call.operation == "CreateDBInstance" and engine is None):
        return None
    if name not in engines.CLASSES and not name.startswith(engines.RETIRED):
        return rds.invalid(f"Invalid DB Instance class: {name}")
    version = (
        engines.find_version(engine, call.params.get("EngineVersion") or live.get("EngineVersion") or engine.default) if engine else None
    )
    if engine and version and not engines.supports(engine, version, name):
        return rds.combination(
            f"RDS does not support creating a DB instance with the following combination: DBInstanceClass={name}, Engine={engine.name}, "
            f"EngineVersion={version}, LicenseModel={engine.license}. For supported combinations of instance class and database engine "
            "version, see the documentation."
        )
    return None
