"""Each command of a query, as a function from rows to rows."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import aggregates, similar
from .expressions import TIMES, Row, Value, either, moment, number, regex, shown
from .words import Malformed, Reader, Token, unexpected

LIMIT, MOST_ROWS = 10_000, 100_000
# After another command than these, rows are no longer the events that match.
FILTERING = ("filter", "fields", "display", "parse", "sort")
Stage = Callable[[list[Row]], list[Row]]


@dataclass
class Query:
    """A query that was read. `columns`: what is shown, in this order; `aggregated`: rows are groups, not events."""

    text: str
    stages: list[tuple[str, Stage]] = field(default_factory=list)
    columns: list[str] = field(default_factory=list)
    displayed: list[str] | None = None
    aggregated: bool = False
    limit: int = 0


def read(text: str) -> Query:
    """Raises Malformed."""
    reader, query = Reader(text), Query(text)
    while reader.next.kind != "end":
        token = reader.take("name")
        command = COMMANDS.get(token.text.lower())
        if command is None:
            raise unexpected(text, token)
        _check(query, token)
        query.stages.append((token.text.lower(), command(reader, query)))
        if reader.next.kind != "end":
            if not reader.is_word("|"):
                raise unexpected(text, reader.next)
            reader.take()
            if reader.next.kind == "end":
                raise unexpected(text, reader.next)
    return query


def _check(query: Query, token: Token) -> None:
    before = [name for name, _stage in query.stages]
    if token.text.lower() == "stats" and before.count("stats") == 2:
        raise Malformed("a query can have at most two stats commands", token.start, token.end)
    if "dedup" in before and token.text.lower() not in ("limit", "display"):
        raise Malformed("only limit may follow dedup", token.start, token.end)


def run(query: Query, rows: list[Row]) -> tuple[list[Row], int]:
    """The rows of the answer, and how many events matched. Events come newest first, where no `sort` says otherwise."""
    found = sorted(rows, key=lambda row: (row["@timestamp"], row["@ptr"]), reverse=True)
    matched, filtering = len(found), True
    for name, stage in query.stages:
        found = stage(found)
        filtering = filtering and name in FILTERING
        matched = len(found) if filtering else matched
    return found[: query.limit or LIMIT], matched


def answer(query: Query, rows: list[Row]) -> list[list[dict[str, str]]]:
    """As AWS sends it: texts, without what has no value; of events with `@ptr`, which nobody has asked for."""
    names = query.displayed if query.displayed is not None else query.columns or ["@timestamp", "@message"]
    wanted = [*dict.fromkeys(names), *([] if query.aggregated else ["@ptr"])]
    return [[{"field": name, "value": _of(name, row[name])} for name in wanted if row.get(name) is not None] for row in rows]


def _of(name: str, value: Any) -> str:
    return moment(value) if name in TIMES and isinstance(value, int) else shown(value)


def _named(reader: Reader, read_one: Callable[[], Any]) -> tuple[str, Any]:
    """An expression and its name: what follows `as`, else its own text."""
    start = reader.next.start
    value = read_one()
    text = reader.text(start).strip("`")
    return (reader.take("name", "quoted").text.strip("`") if reader.word("as") else text), value


def _listed(reader: Reader, read_one: Callable[[], Any]) -> list[tuple[str, Any]]:
    found = [_named(reader, read_one)]
    while reader.word(","):
        found.append(_named(reader, read_one))
    return found


def _fields(reader: Reader, query: Query) -> Stage:
    """More columns; what is computed is a field of the row from here on."""
    named = _listed(reader, lambda: either(reader))
    query.columns += [name for name, _value in named]
    return lambda rows: [_with(row, named) for row in rows]


def _with(row: Row, named: list[tuple[str, Value]]) -> Row:
    """The row with these values; an object that jsonParse has read becomes a field for each of its members."""
    more: Row = {}
    for name, value in ((name, value(row)) for name, value in named):
        more |= {f"{name}.{key}": item for key, item in value.items()} if isinstance(value, dict) else {name: value}
    return {**row, **more}


def _display(reader: Reader, query: Query) -> Stage:
    named = _listed(reader, lambda: either(reader))
    query.displayed = [name for name, _value in named]
    return lambda rows: [_with(row, named) for row in rows]


def _filter(reader: Reader, _query: Query) -> Stage:
    test = either(reader)
    return lambda rows: [row for row in rows if test(row)]


def _parse(reader: Reader, query: Query) -> Stage:
    """`parse f "a * b" as x` and `parse f /(?<x>…)/`."""
    source = reader.take("name", "quoted").text.strip("`") if reader.next.kind in ("name", "quoted") else "@message"
    token = reader.take("text", "regex")
    if token.kind == "regex":
        form = regex(token)
        names = [name for name, _ in sorted(form.groupindex.items(), key=lambda item: item[1])]
        if not names:
            raise Malformed("a regular expression of parse has named groups", token.start, token.end)
    else:
        reader.need("as")
        parts = token.text[1:-1].split("*")
        form = re.compile("(.*?)".join(map(re.escape, parts)) + ("$" if not parts[-1] else ""), re.DOTALL)
        names = [reader.take("name", "quoted").text.strip("`")]
        while reader.word(","):
            names.append(reader.take("name", "quoted").text.strip("`"))
        if len(names) != len(parts) - 1:
            raise Malformed(f"parse has {len(parts) - 1} wildcards and {len(names)} names", token.start, token.end)
    query.columns += names if query.columns else []

    def parsed(row: Row) -> Row:
        found = form.search(shown(row[source])) if row.get(source) is not None else None
        values = (
            dict(zip(names, [found[name] for name in names] if token.kind == "regex" else found.groups(), strict=True)) if found else {}
        )
        return {**row, **{name: value for name, value in values.items() if value is not None}}

    return lambda rows: [parsed(row) for row in rows]


def _stats(reader: Reader, query: Query) -> Stage:
    counted = _listed(reader, lambda: aggregates.read(reader))
    by = _listed(reader, lambda: either(reader)) if reader.word("by") else []
    query.columns, query.aggregated = [name for name, _value in (*by, *counted)], True

    def grouped(rows: list[Row]) -> list[Row]:
        groups: dict[tuple[Any, ...], list[Row]] = {} if by else {(): []}
        for row in rows:
            key = tuple(
                None if (item := value(row)) is None else shown(item) if not isinstance(item, float) else item for _name, value in by
            )
            groups.setdefault(key, []).append(row)
        return [
            {**{name: part for (name, _value), part in zip(by, key, strict=True)}, **{name: value(some) for name, value in counted}}
            for key, some in groups.items()
        ]

    return grouped


def _sort(reader: Reader, _query: Query) -> Stage:
    keys = [_sort_key(reader)]
    while reader.word(","):
        keys.append(_sort_key(reader))

    def ordered(rows: list[Row]) -> list[Row]:
        found = list(rows)
        for value, descending in reversed(keys):
            found.sort(key=lambda row, value=value: _rank(value(row)), reverse=descending)  # type: ignore[misc]
        return found

    return ordered


def _sort_key(reader: Reader) -> tuple[Value, bool]:
    value = either(reader)
    return value, reader.word("asc", "desc") == "desc"


def _rank(value: Any) -> tuple[int, float, str]:
    """What is missing, then numbers, then texts."""
    if value is None:
        return (0, 0.0, "")
    found = number(value)
    return (1, found, "") if found is not None else (2, 0.0, shown(value))


def _limit(reader: Reader, query: Query) -> Stage:
    token = reader.take("number")
    query.limit = int(float(token.text))
    if not 1 <= query.limit <= MOST_ROWS:
        raise Malformed(f"limit must be between 1 and {MOST_ROWS}", token.start, token.end)
    return lambda rows: rows[: query.limit]


def _dedup(reader: Reader, _query: Query) -> Stage:
    values = [value for _name, value in _listed(reader, lambda: either(reader))]

    def first(rows: list[Row]) -> list[Row]:
        seen: dict[tuple[str, ...], Row] = {}
        for row in rows:
            key = [value(row) for value in values]
            seen.setdefault(tuple("" if item is None else shown(item) for item in key), row)
        return list(seen.values())

    return first


def _pattern(reader: Reader, query: Query) -> Stage:
    value = either(reader)
    query.columns, query.aggregated = list(similar.columns()), True
    return lambda rows: similar.rows(value, rows)


COMMANDS: dict[str, Callable[[Reader, Query], Stage]] = {
    "fields": _fields,
    "display": _display,
    "filter": _filter,
    "parse": _parse,
    "stats": _stats,
    "sort": _sort,
    "limit": _limit,
    "dedup": _dedup,
    "pattern": _pattern,
}
