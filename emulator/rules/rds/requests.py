"""What RDS refuses of tags, licenses, option groups and networks of something new (rules RDS-2, RDS-8, RDS-12)."""

from __future__ import annotations

from ... import world
from ...refusal import Refusal
from ...registry import rule
from ...services.rds import engines, subnet_groups
from ...services.rds import state as rds
from ...wire import Call

API = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"
CREATE = API + "API_CreateDBInstance.html"
TAGGING = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_Tagging.html"
TAGGED = (
    *("CreateDBInstance", "CreateDBInstanceReadReplica", "CreateDBSnapshot", "CreateDBSubnetGroup", "CreateDBParameterGroup"),
    *("RestoreDBInstanceFromDBSnapshot", "AddTagsToResource"),
)


@rule("RDS-2", "rds", *TAGGED, source=TAGGING)
def tags(call: Call) -> Refusal | None:
    """Fifty tags at most, each key once, none of AWS's."""
    keys = [tag.get("Key", "") for tag in call.params.get("Tags", [])]
    if any(key.lower().startswith(("aws:", "rds:")) for key in keys):
        return rds.invalid("Tag keys beginning with aws: or rds: are reserved for system use.")
    if len(set(keys)) < len(keys):
        return rds.invalid("Tag keys of a resource must be unique.")
    return rds.invalid("The number of tags on a resource cannot exceed 50.") if len(keys) > 50 else None


@rule("RDS-2", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def license_model(call: Call) -> Refusal | None:
    """Each engine has its license."""
    wanted, live = call.params.get("LicenseModel"), rds.find_instance(call, call.params["DBInstanceIdentifier"]) or {}
    found = engines.ENGINES.get((call.params.get("Engine") or live.get("Engine") or "").lower())
    if wanted is None or found is None or wanted == found.license:
        return None
    return rds.invalid(f"Invalid license model '{wanted}' for engine '{found.name}'. Valid license models are: {found.license}.")


@rule("RDS-2", "rds", "CreateDBInstance", "ModifyDBInstance", source=CREATE)
def option_group(call: Call) -> Refusal | None:
    """An option group exists, or is the default one of an engine's major version."""
    name = call.params.get("OptionGroupName")
    if name is None or name.startswith("default:") or name in world.backend("rds", call).option_groups:
        return None
    return Refusal("OptionGroupNotFoundFault", f"Specified OptionGroupName: {name} not found.", 404)


@rule("RDS-2", "rds", "CreateDBInstance", source=CREATE)
def network(call: Call) -> Refusal | None:
    """Both kinds of addresses want subnets that have both."""
    group = subnet_groups.find(call, call.params.get("DBSubnetGroupName", "default"))
    if call.params.get("NetworkType") != "DUAL":
        return None
    known = {subnet.id: subnet for zone in world.backend("ec2", call).subnets.values() for subnet in zone.values()}
    names = (
        [each["SubnetIdentifier"] for each in group["Subnets"]] if group else [each.id for each in known.values() if each.default_for_az]
    )
    if all(name in known and known[name].ipv6_cidr_block_associations for name in names):
        return None
    return Refusal("NetworkTypeNotSupported", "The network type DUAL is not supported by the subnets of the DB subnet group.")


@rule("RDS-8", "rds", "ModifyDBInstance", source="https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.ModifyingExisting.html")
def optimizing(call: Call) -> Refusal | None:
    """Storage is not changed while an earlier change of it is being optimized, for six hours at least."""
    found = rds.find_instance(call, call.params["DBInstanceIdentifier"])
    if found is None or world.clock.now() >= found.get("_optimized", 0):
        return None
    names = ("AllocatedStorage", "Iops", "StorageThroughput", "StorageType")
    if all(call.params.get(name) in (None, found.get(name)) for name in names):
        return None
    text = "You can't currently modify the storage of this DB instance because the previous storage change is being optimized."
    return rds.combination(text)
