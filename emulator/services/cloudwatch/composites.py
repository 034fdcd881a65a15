"""Alarm rules of composite alarms. https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping

TERM = re.compile(r"\b(ALARM|OK|INSUFFICIENT_DATA)\s*\(\s*(?:\"([^\"]*)\"|'([^']*)'|([^)\s]+))\s*\)")
WORD = re.compile(r"\b(AND|OR|NOT|TRUE|FALSE)\b")
WORDS = {"AND": " and ", "OR": " or ", "NOT": " not ", "TRUE": " True ", "FALSE": " False "}


class RuleError(ValueError):
    """The rule cannot be read."""


def children(rule: str) -> list[str]:
    """Names of the alarms that a rule is about; of an ARN its name."""
    found = [next(part for part in match.groups()[1:] if part is not None) for match in TERM.finditer(rule)]
    return list(dict.fromkeys(name.rpartition(":alarm:")[2] for name in found))


def tree(rule: str) -> ast.expr:
    """The rule as an expression of Python in which `state(ALARM, NAME)` asks for a state."""
    named = TERM.sub(lambda match: f"state({match[1]!r}, {children(match[0])[0]!r})", rule)
    parts = re.split(r"('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")", named)
    words = [part if index % 2 else WORD.sub(lambda found: WORDS[found[1]], part) for index, part in enumerate(parts)]
    text = "".join(words)
    try:
        found = ast.parse(" ".join(text.split()), mode="eval").body
    except SyntaxError as error:
        raise RuleError(rule) from error
    return found


def holds(rule: str, states: Mapping[str, str]) -> bool:
    return _holds(tree(rule), states)


def _holds(node: ast.expr, states: Mapping[str, str]) -> bool:
    match node:
        case ast.Constant(value=bool() as truth):
            return truth
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _holds(operand, states)
        case ast.BoolOp(op=ast.And(), values=values):
            return all(_holds(each, states) for each in values)
        case ast.BoolOp(op=ast.Or(), values=values):
            return any(_holds(each, states) for each in values)
        case ast.Call(func=ast.Name(id="state"), args=[ast.Constant(value=wanted), ast.Constant(value=name)]):
            return states.get(str(name)) == wanted
    raise RuleError(ast.dump(node))
