"""Webhooks, and revisions that somebody tells of. A webhook's address answers nothing here.

https://docs.aws.amazon.com/codepipeline/latest/APIReference/API_PutWebhook.html
"""

from __future__ import annotations

import hashlib
import secrets
from copy import deepcopy
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import executions, state

HIDDEN = "****"


def _shown(call: Call, hook: dict[str, Any]) -> dict[str, Any]:
    """AWS's ListWebhookItem; the secret is not shown."""
    definition = deepcopy(hook["definition"])
    if definition["authenticationConfiguration"].get("SecretToken"):
        definition["authenticationConfiguration"]["SecretToken"] = HIDDEN
    tags = [{"key": key, "value": value} for key, value in sorted(hook["tags"].items())]
    return {"definition": definition, "url": hook["url"], "arn": call.arn("codepipeline", f"webhook:{definition['name']}"), "tags": tags}


@operation("codepipeline", "PutWebhook")
def put_webhook(call: Call) -> dict[str, Any]:
    """CP-24: the same name keeps its address."""
    hooks, definition = state.table(call, "webhooks"), call.params["webhook"]
    kept = hooks.get(definition["name"], {})
    token = hashlib.sha256(secrets.token_bytes(16)).hexdigest()
    url = kept.get("url") or f"https://{call.region}.webhooks.aws/trigger?t={token}&v=1"
    tags = {**kept.get("tags", {}), **{tag["key"]: tag["value"] for tag in call.params.get("tags", [])}}
    hooks[definition["name"]] = {"definition": definition, "url": url, "tags": tags}
    return {"webhook": _shown(call, hooks[definition["name"]])}


@operation("codepipeline", "ListWebhooks")
def list_webhooks(call: Call) -> dict[str, Any]:
    return state.page(call, [_shown(call, hook) for _, hook in sorted(state.table(call, "webhooks").items())], "webhooks")


@operation("codepipeline", "DeleteWebhook")
def delete_webhook(call: Call) -> dict[str, Any]:
    """Deleting an absent one is no error."""
    state.table(call, "webhooks").pop(call.params["name"], None)
    return {}


@operation("codepipeline", "RegisterWebhookWithThirdParty", "DeregisterWebhookWithThirdParty")
def register_webhook_with_third_party(call: Call) -> dict[str, Any]:
    """CP-24: a webhook that is there."""
    name = call.params.get("webhookName", "")
    if name not in state.table(call, "webhooks"):
        raise Refusal("WebhookNotFoundException", f"The webhook with name '{name}' could not be found")
    return {}


@operation("codepipeline", "PutActionRevision")
def put_action_revision(call: Call) -> dict[str, Any]:
    """A revision that is new starts an execution."""
    kept, wanted = state.pipeline(call), call.params
    declaration = state.declared_action(kept, wanted["stageName"], wanted["actionName"])
    revision = wanted["actionRevision"]["revisionId"]
    seen: dict[tuple[str, str], str] = state.table(call, "revisions")
    key = (kept.arn, f"{wanted['stageName']}/{declaration['name']}/{revision}")
    if key in seen:
        return {"newRevision": False, "pipelineExecutionId": seen[key]}
    execution = executions.begin(kept, "PutActionRevision", state.caller(call))
    seen[key] = execution.id
    return {"newRevision": True, "pipelineExecutionId": execution.id}
