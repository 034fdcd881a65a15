"""Conditions of stages and their rules: VariableCheck and CloudWatchAlarm. A rule of another provider ends as Errored.

https://docs.aws.amazon.com/codepipeline/latest/userguide/concepts-how-it-works-conditions.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference.html
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from ... import world
from ...wire import Refusal
from ..iam import authority
from . import service_role, variables
from .shapes import ConditionRun, Declaration, RuleRun, StageRun, new_id

# Told whether the condition is met.
Answer = Callable[[StageRun, bool], None]
# Seconds that a rule takes at least.
ASKING = 2.0
OPERATORS: dict[str, Callable[[str, str], bool]] = {
    "EQ": lambda value, wanted: value == wanted,
    "NE": lambda value, wanted: value != wanted,
    "CONTAINS": lambda value, wanted: wanted in value,
    "MATCHES": lambda value, wanted: re.fullmatch(wanted, value) is not None,
}


class RuleError(Exception):
    """A rule that could not be asked."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def declared(stage: StageRun, kind: str) -> Declaration | None:
    """The condition of a stage (one, says AWS), None without one. `kind` is a member of its declaration."""
    found = stage.declaration.get(kind, {}).get("conditions")
    return dict(found[0]) if found else None


def ask(stage: StageRun, kind: str, answer: Answer) -> None:
    """Ask all rules of a condition, and tell when all have answered. Nobody is told of one that was ended before."""
    condition = declared(stage, kind)
    assert condition is not None
    now = world.clock.utc()
    run = ConditionRun(kind, "InProgress", now)
    stage.conditions[kind] = run
    for each in condition["rules"]:
        rule = RuleRun(new_id(), kind, each, now, now)
        run.rules.append(rule)
        stage.execution.rules.append((stage.name, rule))
        _look(stage, run, rule, answer, _minutes(each) * 60.0)


def _minutes(rule: Declaration) -> float:
    """How long an alarm is looked at."""
    given = rule.get("configuration", {}).get("WaitTime", "0")
    return float(given) if given.isdigit() else 0.0


def _look(stage: StageRun, run: ConditionRun, rule: RuleRun, answer: Answer, seconds: float) -> None:
    """Ask a rule now, and if it may still change its mind again until its seconds are over."""

    def due() -> None:
        if rule.status != "InProgress":
            return
        try:
            rule.resolved = variables.rule(stage.execution, rule.declaration)
            holds = PROVIDERS.get(rule.declaration["ruleTypeId"]["provider"], _unknown)(stage, rule)
        except variables.Unresolved as error:
            _close(stage, run, rule, "Failed", answer, {"code": "ConfigurationError", "message": str(error)})
        except RuleError as error:
            _close(stage, run, rule, "Failed", answer, {"code": error.code, "message": str(error)})
        else:
            if holds and seconds > 0:
                _look(stage, run, rule, answer, seconds - 60.0)
            else:
                _close(stage, run, rule, "Succeeded" if holds else "Failed", answer, {})

    world.clock.after(min(60.0, seconds) if seconds else ASKING, due)


def _close(stage: StageRun, run: ConditionRun, rule: RuleRun, status: str, answer: Answer, error: dict[str, str]) -> None:
    rule.status, rule.error, rule.updated = status, error, world.clock.utc()
    if run.status != "InProgress" or any(each.status == "InProgress" for each in run.rules):
        return
    met = all(each.status == "Succeeded" for each in run.rules)
    end(run, "Succeeded" if met else "Errored" if any(each.error for each in run.rules) else "Failed")
    answer(stage, met)


def end(run: ConditionRun, status: str) -> None:
    run.status, run.changed = status, world.clock.utc()


def drop(stage: StageRun, status: str) -> None:
    """The stage is left, whatever its conditions would have said."""
    for run in stage.conditions.values():
        if run.status == "InProgress":
            end(run, status)
        for rule in run.rules:
            if rule.status == "InProgress":
                rule.status, rule.updated = "Abandoned", world.clock.utc()


def _variable(_stage: StageRun, rule: RuleRun) -> bool:
    """https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-VariableCheck.html"""
    known = rule.resolved
    holds = OPERATORS[known.get("Operator", "EQ")](known.get("Variable", ""), known.get("Value", ""))
    rule.summary = f"The value of the variable is {known.get('Variable', '')}."
    return holds


def _alarm(stage: StageRun, rule: RuleRun) -> bool:
    """Whether an alarm is in none of the states that are named.

    https://docs.aws.amazon.com/codepipeline/latest/userguide/rule-reference-CloudWatchAlarm.html
    """
    call, name = stage.execution.pipeline.call, rule.resolved["AlarmName"]
    who = authority.session(call, service_role.of_rule(stage.execution, rule.declaration), stage.execution.id)
    if text := authority.denied(who, "cloudwatch:DescribeAlarms", call.arn("cloudwatch", f"alarm:{name}")):
        raise RuleError("PermissionError", text)
    try:
        found = world.aws(call, "cloudwatch", "DescribeAlarms", AlarmNames=[name])
    except Refusal as refusal:
        raise RuleError("ConfigurationError", refusal.message) from None
    alarms: list[dict[str, Any]] = [*found.get("MetricAlarms", []), *found.get("CompositeAlarms", [])]
    if not alarms:
        raise RuleError("ConfigurationError", f"The alarm {name} does not exist.")
    states = [word.strip() for word in rule.resolved.get("AlarmStates", "ALARM").split(",")]
    rule.summary = f"The alarm {name} is in the state {alarms[0]['StateValue']}."
    return alarms[0]["StateValue"] not in states


def _unknown(_stage: StageRun, rule: RuleRun) -> bool:
    raise RuleError("InternalError", f"the emulator does not ask rules of {rule.declaration['ruleTypeId']['provider']}")


PROVIDERS: dict[str, Callable[[StageRun, RuleRun], bool]] = {"VariableCheck": _variable, "CloudWatchAlarm": _alarm}
