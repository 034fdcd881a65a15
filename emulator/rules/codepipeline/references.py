"""What CodePipeline refuses of references to variables, and of who is told of an approval."""

from __future__ import annotations

from collections.abc import Iterator

from ...registry import rule
from ...services.codepipeline import variables
from ...services.codepipeline.shapes import Declaration
from ...wire import Call, Refusal
from .actions import declaration, referring
from .names import STRUCTURES
from .structure import GUIDE, actions, category, stages, structure

SOURCE = GUIDE + "reference-variables.html"
FORMAT = (
    "Valid format for a pipeline execution variable reference is a namespace and a key separated by a period (.). The following pipeline "
    "execution variables are "
)
NO_NAMESPACE, NO_FORM = FORMAT + "referencing a namespace that does not exist.", FORMAT + "not in the valid format."


@rule("CP-17", "codepipeline", *STRUCTURES, source=SOURCE)
def references(call: Call) -> Refusal | None:
    """Variables are of earlier actions, of the pipeline, or CodePipeline's own; sources know none of the pipeline's."""
    own = {each["name"] for each in call.params["pipeline"].get("variables", [])}
    before = {variables.PIPELINE, *([variables.OWN] if own else [])}
    for stage in stages(call):
        for order in sorted({action.get("runOrder", 1) for action in stage["actions"]}):
            now = [action for action in stage["actions"] if action.get("runOrder", 1) == order]
            for action in now:
                for key, text in _texts(action):
                    if (wrong := _wrong(stage, action, key, text, before, own)) is not None:
                        return wrong
            before |= {action["namespace"] for action in now if action.get("namespace")}
    return None


def _texts(action: Declaration) -> Iterator[tuple[str, str]]:
    """What of an action may refer to variables, and where it stands."""
    yield from action.get("configuration", {}).items()
    yield from (("commands", each) for each in action.get("commands", []))
    yield from (("environmentVariables", each["value"]) for each in action.get("environmentVariables", []))


def _wrong(stage: Declaration, action: Declaration, key: str, text: str, before: set[str], own: set[str]) -> Refusal | None:
    for shown, namespace, name in variables.references(text):
        place = f"StageName=[{stage['name']}], ActionName=[{action['name']}], ActionConfigurationKey=[{key}]"
        where = f"\n{place}, VariableReferenceText=[{shown[2:-1]}]"
        if not namespace or not name:
            return declaration(f"{NO_FORM}{where}")
        if namespace not in before or (namespace == variables.PIPELINE and name not in variables.KEYS):
            return declaration(f"{NO_NAMESPACE}{where}")
        if namespace == variables.OWN and category(action) == "Source":
            return structure(f"Variables at the pipeline level cannot be used in source actions.{where}")
        if namespace == variables.OWN and name not in own:
            return structure(f"The referenced variables haven't been declared.{where}")
    return None


@rule("CP-6", "codepipeline", *STRUCTURES, source=GUIDE + "approvals.html")
def topics(call: Call) -> Refusal | None:
    """Who is told of an approval is a topic of SNS in the pipeline's Region."""
    for _, action in actions(call):
        arn = action.get("configuration", {}).get("NotificationArn", "")
        if category(action) != "Approval" or not arn or referring(arn):
            continue
        parts = arn.split(":", 5)
        about = f"for sending notifications for the approval action {action['name']}"
        if len(parts) != 6 or parts[0] != "arn" or not all((parts[1], parts[4], parts[5])):
            return declaration(f"The ARN {arn} you specified {about} contains a format error.")
        if parts[2] != "sns":
            text = "but the AWS service for this ARN cannot be used to send approval requests."
            return declaration(f"The ARN {arn} has been specified {about}, {text}")
        if parts[3] != call.region:
            return declaration(f"The ARN {arn} has been specified {about}, but the ARN is not in the same region as the pipeline.")
    return None
