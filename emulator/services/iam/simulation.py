"""What a role may do, simulated: its policies against requests that nobody makes.

https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
"""

from __future__ import annotations

from typing import Any

from ...authority import decision
from ...authority.decision import Policies, Request
from ...authority.documents import statements
from ...refusal import Refusal
from ...registry import operation
from ...wire import Call
from . import authority

PAGE = 100


@operation("iam", "SimulatePrincipalPolicy")
def simulate(call: Call) -> dict[str, Any]:
    """Of roles only. A condition on what the caller does not say is not met, and is told; the policies of resources do not count."""
    source = call.params["PolicySourceArn"]
    who = authority.session(call, source, "simulation")
    if authority.by_arn(call, source) is None:
        raise Refusal("NoSuchEntity", f"The role with name {source.rpartition('/')[2]} cannot be found.", 404)
    known = {one["ContextKeyName"].lower(): tuple(one["ContextKeyValues"]) for one in call.params.get("ContextEntries", [])}
    context = {key: values[0] if len(values) == 1 else values for key, values in known.items()}
    documents = [*who.identity, *(who.boundary or ()), *call.params.get("PolicyInputList", [])]
    keys = {condition.key for each in documents for statement in statements(each) for condition in statement.conditions}
    missing = sorted(key for key in keys if key.lower() not in context)
    results = []
    for action in call.params["ActionNames"]:
        for resource in call.params.get("ResourceArns") or ["*"]:
            policies = Policies((*who.identity, *call.params.get("PolicyInputList", [])), who.boundary)
            found = decision.decide(Request(who.principal, action, resource, context), policies)
            told = "allowed" if found.allowed else "explicitDeny" if "explicit deny" in found.reason else "implicitDeny"
            entry = {"EvalActionName": action, "EvalResourceName": resource, "EvalDecision": told, "MatchedStatements": []}
            results.append({**entry, "MissingContextValues": missing})
    return _page(call, results)


def _page(call: Call, results: list[dict[str, Any]]) -> dict[str, Any]:
    start, size = int(call.params.get("Marker", "0")), call.params.get("MaxItems", PAGE)
    more = start + size < len(results)
    return {"EvaluationResults": results[start : start + size], "IsTruncated": more, **({"Marker": str(start + size)} if more else {})}
