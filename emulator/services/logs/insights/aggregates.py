"""What `stats` counts: each aggregate is a function of the rows of a group."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable
from typing import Any

from .expressions import Row, Value, either, number, shown
from .words import Reader, unexpected

Aggregate = Callable[[list[Row]], Any]


def _numbers(value: Value, rows: list[Row]) -> list[float]:
    return [found for row in rows if (found := number(value(row))) is not None]


def _present(value: Value, rows: list[Row]) -> list[Any]:
    return [found for row in rows if (found := value(row)) is not None]


def percentile(values: list[float], percent: float) -> float | None:
    """The smallest of the values that so many percent of them do not exceed."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(len(ranked) * percent / 100) - 1)] if ranked else None


def _extreme(choose: Callable[..., Any]) -> Callable[..., Any]:
    """By number where all are numbers, else by text."""

    def found(value: Value, rows: list[Row]) -> Any:
        some = _present(value, rows)
        numbers = [number(one) for one in some]
        if not some:
            return None
        return choose(numbers) if None not in numbers else choose(map(shown, some))

    return found


def _at(choose: Callable[..., Any]) -> Callable[..., Any]:
    """The value of the row that is the latest, or the earliest."""

    def found(value: Value, rows: list[Row]) -> Any:
        some = [row for row in rows if value(row) is not None]
        return value(choose(some, key=lambda row: row.get("@timestamp") or 0)) if some else None

    return found


def _maybe(function: Callable[[list[float]], float], least: int = 1) -> Callable[..., Any]:
    return lambda value, rows: function(some) if len(some := _numbers(value, rows)) >= least else None


KINDS: dict[str, Callable[..., Any]] = {
    "count": lambda value, rows: float(len(_present(value, rows))),
    "count_distinct": lambda value, rows: float(len({shown(one) for one in _present(value, rows)})),
    "avg": _maybe(statistics.fmean),
    "sum": lambda value, rows: float(sum(_numbers(value, rows))),
    "min": _extreme(min),
    "max": _extreme(max),
    "median": _maybe(lambda some: percentile(some, 50) or 0.0),
    "stddev": _maybe(statistics.stdev, 2),
    "latest": _at(max),
    "earliest": _at(min),
    "sortsFirst": _extreme(min),
    "sortsLast": _extreme(max),
    "pct": lambda value, rows, percent: percentile(_numbers(value, rows), percent),
    "percentile": lambda value, rows, percent: percentile(_numbers(value, rows), percent),
}
NAMES = {name.lower(): kind for name, kind in KINDS.items()}


def read(reader: Reader) -> Aggregate:
    """`count(*)`, `pct(ms, 95)`, `sum(a) / count(*)` is not taken apart: one aggregate is one function. Raises Malformed."""
    token = reader.take("name")
    kind = NAMES.get(token.text.lower())
    if kind is None:
        raise unexpected(reader.query, token)
    reader.need("(")
    if token.text.lower() == "count" and (reader.word("*") or reader.is_word(")")):
        reader.need(")")
        return lambda rows: float(len(rows))
    value = either(reader)
    more = []
    while reader.word(","):
        more.append(float(reader.take("number").text))
    reader.need(")")
    return lambda rows: kind(value, rows, *more)
