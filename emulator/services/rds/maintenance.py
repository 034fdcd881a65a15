"""Maintenance that RDS has in store for instances.

https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DescribePendingMaintenanceActions.html
"""

from __future__ import annotations

from typing import Any

from ...refusal import Refusal
from ...registry import operation
from ...wire import Call

FILTERS = ("db-cluster-id", "db-instance-id")


@operation("rds", "DescribePendingMaintenanceActions")
def describe_pending_maintenance_actions(call: Call) -> dict[str, Any]:
    """AWS plans none here: what a person has asked for is in an instance's PendingModifiedValues."""
    for one in call.params.get("Filters", []):
        if one["Name"] not in FILTERS:
            raise Refusal("InvalidParameterValue", f"Unrecognized filter name: {one['Name']}")
    return {"PendingMaintenanceActions": []}
