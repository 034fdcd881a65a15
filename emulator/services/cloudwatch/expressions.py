"""Metric math: the expressions over metrics that alarms and GetMetricData know.

Whether FILL makes points of a metric that has none at all AWS does not say; here it makes none.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/using-metric-math.html
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

Series = dict[float, float]
Value = Series | float | list[Series]
OPERATORS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: lambda left, right: left / right if right else math.nan,
    ast.Pow: operator.pow,
    ast.Gt: lambda left, right: float(left > right),
    ast.GtE: lambda left, right: float(left >= right),
    ast.Lt: lambda left, right: float(left < right),
    ast.LtE: lambda left, right: float(left <= right),
    ast.Eq: lambda left, right: float(left == right),
    ast.NotEq: lambda left, right: float(left != right),
    ast.And: lambda left, right: float(bool(left) and bool(right)),
    ast.Or: lambda left, right: float(bool(left) or bool(right)),
}
OVER: dict[str, Callable[[Sequence[float]], float]] = {
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
    "MIN": min,
    "MAX": max,
}
EACH: dict[str, Callable[[float], float]] = {"ABS": abs, "CEIL": math.ceil, "FLOOR": math.floor, "SQRT": math.sqrt}
FUNCTIONS = {*OVER, *EACH, "IF", "FILL", "METRICS", "DATAPOINT_COUNT"}
WORDS = (("&&", " and "), ("||", " or "), (r"\bAND\b", " and "), (r"\bOR\b", " or "), (r"\^", "**"))


class ExpressionError(ValueError):
    """What AWS says of an expression that it cannot read."""


def parsed(expression: str) -> ast.expr:
    text = expression
    for word, python in WORDS:
        text = re.sub(word, python, text) if "\\" in word else text.replace(word, python)
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except SyntaxError as error:
        raise ExpressionError("Syntax error") from error
    called = {node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}
    if unknown := sorted(called - FUNCTIONS):
        raise ExpressionError(f"Unsupported function {unknown[0]}")
    return tree


def value(expression: str, known: Mapping[str, Series], starts: Sequence[float]) -> Series:
    """The series of an expression over those that are known by their ids. A number is one in each period."""
    found = _value(parsed(expression), known, starts)
    if isinstance(found, list):
        raise ExpressionError("The expression returns more than one time series")
    whole = dict.fromkeys(starts, found) if isinstance(found, (int, float)) else found
    return {start: each for start, each in whole.items() if math.isfinite(each)}


def _value(node: ast.expr, known: Mapping[str, Series], starts: Sequence[float]) -> Value:
    match node:
        case ast.Constant(value=float() | int() as number):
            return float(number)
        case ast.Name(id=name):
            return known[name]
        case ast.List(elts=elements):
            return [_series(_value(each, known, starts), starts) for each in elements]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _both(operator.sub, 0.0, _value(operand, known, starts))
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in OPERATORS:
            return _both(OPERATORS[type(sign)], _value(left, known, starts), _value(right, known, starts))
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _both(OPERATORS[type(sign)], _value(left, known, starts), _value(right, known, starts))
        case ast.BoolOp(op=sign, values=[first, *others]):
            found = _value(first, known, starts)
            for each in others:
                found = _both(OPERATORS[type(sign)], found, _value(each, known, starts))
            return found
        case ast.Call(func=ast.Name(id=function), args=arguments):
            return _call(function, arguments, known, starts)
    raise ExpressionError("Syntax error")


def _call(function: str, arguments: list[ast.expr], known: Mapping[str, Series], starts: Sequence[float]) -> Value:
    if function == "METRICS":
        part = cast(ast.Constant, arguments[0]).value if arguments else ""
        return [each for name, each in known.items() if str(part) in name]
    values = [_value(each, known, starts) for each in arguments if not (isinstance(each, ast.Name) and each.id == "REPEAT")]
    if function == "IF":
        return _chosen([_series(each, starts) for each in values])
    if function == "FILL":
        return _filled(_series(values[0], starts), values[1] if len(values) > 1 else None, starts)
    first = values[0]
    if function in OVER:
        return _over(OVER[function], first)
    if function == "DATAPOINT_COUNT":
        return float(len(_series(first, starts)))
    each = EACH[function]
    return each(first) if isinstance(first, float) else {start: each(one) for start, one in _series(first, starts).items()}


def _series(given: Value, starts: Sequence[float]) -> Series:
    if isinstance(given, list):
        raise ExpressionError("An array of time series is not allowed here")
    return given if isinstance(given, dict) else dict.fromkeys(starts, float(given))


def _both(sign: Callable[[float, float], float], left: Value, right: Value) -> Value:
    """Where one side has no point, the result has none."""
    if isinstance(left, (int, float)) and isinstance(right, (int, float)):
        return sign(left, right)
    starts = sorted({start for side in (left, right) if isinstance(side, dict) for start in side})
    one, other = _series(left, starts), _series(right, starts)
    return {start: sign(one[start], other[start]) for start in starts if start in one and start in other}


def _chosen(values: list[Series]) -> Series:
    condition, then, *otherwise = values
    chosen = {start: then if truth else (otherwise[0] if otherwise else {}) for start, truth in condition.items()}
    return {start: one[start] for start, one in chosen.items() if start in one}


def _filled(known: Series, filler: Any, starts: Sequence[float]) -> Series:
    if not known:
        return {}
    found, last = {}, next(iter(sorted(known.items())))[1]
    for start in starts:
        last = known.get(start, last)
        found[start] = known.get(start, last if filler is None else _series(filler, starts).get(start, math.nan))
    return found


def _over(function: Callable[[Sequence[float]], float], given: Value) -> Value:
    """Of an array, a series over those that have a point; of one series, a number."""
    if isinstance(given, list):
        starts = sorted({start for each in given for start in each})
        return {start: function([each[start] for each in given if start in each]) for start in starts}
    if isinstance(given, dict):
        return float(function(list(given.values()))) if given else {}
    return given
