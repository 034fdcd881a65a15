"""Fields, operators and functions: an expression is compiled to a function of a row. What has no value is None."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from .words import Malformed, Reader, Token, unexpected

Row = dict[str, Any]
Value = Callable[[Row], Any]
UNITS = {"ms": 1, "s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000}
COMPARED = ("=", "!=", "<", "<=", ">", ">=", "like", "=~", "in", "not")
TIMES = ("@timestamp", "@ingestionTime")


def number(value: Any) -> float | None:
    """A number, or a text that is one."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = float(value)
    except (TypeError, ValueError):
        return None
    return found if math.isfinite(found) else None


def shown(value: Any) -> str:
    """A value as an answer carries it: always a text."""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(round(value, 4))
    return value if isinstance(value, str) else json.dumps(value)


def moment(milliseconds: float) -> str:
    """`2026-11-30 14:00:00.000`, UTC."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def either(reader: Reader) -> Value:
    return _joined(reader, "or", any, lambda: _joined(reader, "and", all, lambda: _not(reader)))


def _joined(reader: Reader, word: str, decide: Callable[[Any], bool], part: Callable[[], Value]) -> Value:
    parts = [part()]
    while reader.word(word):
        parts.append(part())
    return parts[0] if len(parts) == 1 else lambda row: decide(bool(one(row)) for one in parts)


def _not(reader: Reader) -> Value:
    if reader.word("not"):
        inner = _not(reader)
        return lambda row: not inner(row)
    return _comparison(reader)


def _comparison(reader: Reader) -> Value:
    left = _sum(reader)
    if not reader.is_word(*COMPARED):
        return left
    word = reader.take().text.lower()
    if word == "not":
        inner = _with(reader, left, reader.need("like", "in"))
        return lambda row: not inner(row)
    return _with(reader, left, word)


def _with(reader: Reader, left: Value, word: str) -> Value:
    if word in ("like", "=~"):
        return _like(reader, left)
    if word == "in":
        reader.need("[")
        items = [_sum(reader)]
        while reader.word(","):
            items.append(_sum(reader))
        reader.need("]")
        return lambda row: any(compare(left(row), "=", item(row)) for item in items)
    right = _sum(reader)
    return lambda row: compare(left(row), word, right(row))


def _like(reader: Reader, left: Value) -> Value:
    token = reader.take("regex", "text")
    if token.kind == "text":
        part = _unquoted(token)
        return lambda row: (value := left(row)) is not None and part in shown(value)
    search = regex(token).search
    return lambda row: (value := left(row)) is not None and search(shown(value)) is not None


def regex(token: Token) -> re.Pattern[str]:
    """A regular expression between slashes; AWS's groups are Java's `(?<name>…)`."""
    body, _, flags = token.text[1:].rpartition("/")
    try:
        return re.compile(re.sub(r"\(\?<(?=[A-Za-z])", "(?P<", body.replace("\\/", "/")), re.IGNORECASE if flags else 0)
    except re.error as error:
        raise Malformed(f"invalid regular expression: {error}", token.start, token.end) from None


def compare(left: Any, sign: str, right: Any) -> bool:
    """Numbers as numbers where both are, else texts. What is missing is equal to nothing."""
    if left is None or right is None:
        return sign == "!=" and (left is None) != (right is None)
    numbers = number(left), number(right)
    a, b = (shown(left), shown(right)) if None in numbers else numbers
    if sign in ("=", "!="):
        return (a == b) is (sign == "=")
    return bool({"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[sign])  # type: ignore[operator]


def _sum(reader: Reader) -> Value:
    return _arithmetic(reader, ("+", "-"), lambda: _arithmetic(reader, ("*", "/", "%", "^"), lambda: _primary(reader)))


def _arithmetic(reader: Reader, signs: tuple[str, ...], part: Callable[[], Value]) -> Value:
    value = part()
    while reader.is_word(*signs):
        value = _operation(reader.take().text, value, part())
    return value


def _operation(sign: str, left: Value, right: Value) -> Value:
    def result(row: Row) -> float | None:
        a, b = number(left(row)), number(right(row))
        if a is None or b is None or (sign in "/%" and b == 0):
            return None
        return float(
            {"+": a + b, "-": a - b, "*": a * b}[sign] if sign in "+-*" else a / b if sign == "/" else a % b if sign == "%" else a**b
        )

    return result


def _unquoted(token: Token) -> str:
    return re.sub(r"\\(.)", r"\1", token.text[1:-1])


def _primary(reader: Reader) -> Value:
    if reader.word("("):
        inner = either(reader)
        reader.need(")")
        return inner
    if reader.word("-"):
        inner = _primary(reader)
        return lambda row: None if (value := number(inner(row))) is None else -value
    token = reader.take("number", "text", "quoted", "name", "period", "regex")
    if token.kind == "number":
        held = float(token.text)
        return lambda _row: held
    if token.kind in ("text", "regex"):
        text = _unquoted(token) if token.kind == "text" else token.text[1:-1]
        return lambda _row: text
    if token.kind == "period":
        return lambda _row: token.text
    if token.kind == "name" and reader.is_word("("):
        return _called(reader, token)
    name = token.text.strip("`")
    return lambda row: row.get(name)


def _called(reader: Reader, token: Token) -> Value:
    name = token.text.lower()
    known = {each.lower(): made for each, made in FUNCTIONS.items()}
    if name not in known:
        raise unexpected(reader.query, token)
    reader.need("(")
    given: list[Value] = []
    while not reader.is_word(")"):
        given.append(either(reader))
        if not reader.word(","):
            break
    reader.need(")")
    return known[name](*given) if name == "bin" else _applied(known[name], given)


def _applied(function: Callable[..., Any], given: list[Value]) -> Value:
    return lambda row: function(*(one(row) for one in given))


def _bin(period: Value, field: Value = lambda row: row.get("@timestamp")) -> Value:
    """The beginning of the period in which a row's time is."""
    found = re.match(r"(\d+)(ms|[smhdw])", str(period({})))
    size = int(found[1]) * UNITS[found[2]] if found else 60_000

    def start(row: Row) -> str | None:
        value = number(field(row))
        return None if value is None else moment(value // size * size)

    return start


def _json_parsed(value: Any) -> Any:
    try:
        return json.loads(value)
    except (TypeError, ValueError):
        return None


def _text(function: Callable[..., Any]) -> Callable[..., Any]:
    return lambda value, *more: None if value is None else function(shown(value), *more)


def _numeric(function: Callable[..., Any]) -> Callable[..., Any]:
    def result(*values: Any) -> Any:
        numbers = [number(value) for value in values]
        return None if None in numbers else float(function(*numbers))

    return result


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "bin": _bin,
    "ispresent": lambda value: value is not None,
    "isempty": lambda value: value is None or value == "",
    "isblank": lambda value: value is None or not shown(value).strip(),
    "coalesce": lambda *values: next((value for value in values if value is not None), None),
    "jsonParse": _json_parsed,
    "strlen": _text(lambda text: float(len(text))),
    "strcontains": _text(lambda text, part: shown(part) in text),
    "toupper": _text(str.upper),
    "tolower": _text(str.lower),
    "trim": _text(str.strip),
    "substr": _text(lambda text, start, size=None: text[int(start) :][: None if size is None else int(size)]),
    "replace": _text(lambda text, old, new: text.replace(shown(old), shown(new))),
    "concat": lambda *values: "".join(shown(value) for value in values if value is not None),
    "abs": _numeric(abs),
    "ceil": _numeric(math.ceil),
    "floor": _numeric(math.floor),
    "sqrt": _numeric(math.sqrt),
    "log": _numeric(math.log),
    "greatest": _numeric(max),
    "least": _numeric(min),
    "fromMillis": lambda value: None if number(value) is None else moment(float(value)),
    "toMillis": lambda value: number(value),
    "datefloor": lambda value, period: _bin(lambda _row: period, lambda _row: value)({}),
}
