"""Manual approval: it waits for somebody, seven days at most.

https://docs.aws.amazon.com/codepipeline/latest/userguide/approvals.html
"""

from __future__ import annotations

import json
from typing import Any

from ... import world
from ...registry import operation
from ...wire import Call, Refusal
from . import actions, service_role, state
from .shapes import ActionRun, new_id

DAYS = 7


@actions.provider(("Approval", "Manual"))
def ask(run: ActionRun) -> None:
    """Whoever reads the topic is told; the token is shown until there is an answer. In PARALLEL mode it is the external id alone."""
    token = new_id()
    actions.touch(run, token=token, asked=token, **({"external_id": token} if run.execution.mode == "PARALLEL" else {}))
    if topic := run.resolved.get("NotificationArn"):
        _tell(run, topic)


def _tell(run: ActionRun, topic: str) -> None:
    service_role.require(run, "sns:Publish", topic, calling="publish", service="AmazonSNS", code="AuthorizationError")
    kept = run.execution.pipeline
    minutes = run.declaration.get("timeoutInMinutes", DAYS * 24 * 60)
    console = f"https://console.aws.amazon.com/codesuite/codepipeline/pipelines/{kept.name}/view?region={kept.call.region}"
    approval = {
        "pipelineName": kept.name,
        "stageName": run.stage.name,
        "actionName": run.name,
        "token": run.token,
        "expires": world.clock.now() + minutes * 60,
        "externalEntityLink": run.resolved.get("ExternalEntityLink"),
        "approvalReviewLink": f"{console}#/{run.stage.name}/{run.name}/approve/{run.token}",
        "customData": run.resolved.get("CustomData"),
    }
    message = {"region": kept.call.region, "consoleLink": console, "approval": approval}
    subject = f"APPROVAL NEEDED: AWS CodePipeline {kept.name} for action {run.name}"[:100]
    try:
        world.aws(run.call, "sns", "Publish", TopicArn=topic, Message=json.dumps(message), Subject=subject)
    except Refusal as refusal:
        raise actions.ActionError("ConfigurationError", refusal.message) from None


@operation("codepipeline", "PutApprovalResult")
def put_approval_result(call: Call) -> dict[str, Any]:
    """CP-15: an approval is answered once, with its own token."""
    kept, wanted = state.pipeline(call), call.params
    state.declared_action(kept, wanted["stageName"], wanted["actionName"])
    runs = [
        run
        for execution in kept.executions.values()
        for run in execution.actions
        if (run.stage.name, run.name) == (wanted["stageName"], wanted["actionName"])
    ]
    asked = next((run for run in runs if run.token == wanted["token"]), None)
    if asked is None:
        if wanted["token"] in (run.asked for run in runs if run.status == "Abandoned"):
            text = f"The pipeline {kept.name} has been updated, and the approval request you responded to is now out of date."
            raise Refusal("InvalidApprovalTokenException", text)
        if wanted["token"] in kept.answered:
            raise Refusal("ApprovalAlreadyCompletedException", "The approval action has already been approved or rejected.")
        raise Refusal("InvalidApprovalTokenException", "The approval request already received a response or has expired.")
    result, who = wanted["result"], state.caller(call)
    summary = result["summary"]
    if asked.resolved.get("IsSummaryRequired") == "true" and not summary.strip():
        text = f"Action '{asked.name}' in stage '{asked.stage.name}' requires a summary."
        raise Refusal("InvalidApprovalTokenException", f"{text} Provide a summary in the approval result and try again.")
    kept.answered.add(wanted["token"])
    if result["status"] == "Approved":
        actions.succeed(asked, summary=summary, by=who)
    else:
        text = f"Rejected by {who.rsplit('/', 1)[-1]}: {summary}" if summary else f"Rejected by {who.rsplit('/', 1)[-1]}"
        actions.fail(asked, "JobFailed", text, summary=summary, by=who)
    return {"approvedAt": world.clock.utc()}
