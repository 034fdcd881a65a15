"""Documents, where moto lacks something. https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_ListDocumentVersions.html"""

from __future__ import annotations

from typing import Any

from .. import world
from ..registry import operation
from ..wire import Call, Refusal
from .ssm_store import page


@operation("ssm", "ListDocumentVersions")
def list_document_versions(call: Call) -> dict[str, Any]:
    """Every version of a document, the newest first."""
    held = world.backend("ssm", call)._documents.get(call.params["Name"])
    if held is None:
        raise Refusal("InvalidDocument", "The specified document does not exist.")
    found = [
        {
            "Name": version.name,
            "DocumentVersion": number,
            "CreatedDate": version.created_date,
            "IsDefaultVersion": number == held.default_version,
            "DocumentFormat": version.document_format,
            "Status": version.status,
        }
        for number, version in sorted(held.versions.items(), key=lambda item: -int(item[0]))
    ]
    return page(found, call.params, 50, "DocumentVersions")
