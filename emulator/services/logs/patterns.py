"""CloudWatch Logs' filter patterns: terms, JSON selectors and space-delimited fields.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from functools import cache
from typing import Any

Values = dict[str, str]
Match = Callable[[str], Values | None]
Test = Callable[[Any], bool]

TERM = re.compile(r'\s*([?-]?)(?:"((?:[^"\\]|\\.)*)"|%([^%]+)%|([^\s"%?-][^\s"]*))')
TOKEN = re.compile(
    r"""\s*(?:(?P<bracket>[()])|(?P<join>&&|\|\|)|(?P<compare>!=|<=|>=|=|<|>)|(?P<selector>\$(?:\.[\w@*-]+|\[[^\]]+\])*)
    |"(?P<quoted>(?:[^"\\]|\\.)*)"|%(?P<regex>[^%]+)%|(?P<word>[^\s()=!<>&|"%]+))""",
    re.VERBOSE,
)
STEP = re.compile(r"\.([\w@*-]+)|\[(\d+|\*)\]|\['([^']+)'\]|\[\"([^\"]+)\"\]")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?")
COMPARE: dict[str, Callable[[Any, Any], Any]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
ABSENT = object()


class PatternError(ValueError):
    """A text that is no filter pattern."""


@cache
def compiled(pattern: str) -> Match:
    """A function that says of a message which values the pattern takes from it, or None when it does not match."""
    text = pattern.strip()
    if text.startswith("{"):
        return _json(text)
    if text.startswith("["):
        return _fields(text)
    return _terms(text)


def _terms(text: str) -> Match:
    """All plain terms, none of those with `-`; terms with `?` are a choice, which counts when there are no plain ones."""
    terms: dict[str, list[Callable[[str], bool]]] = {"": [], "-": [], "?": []}
    position = 0
    while position < len(text):
        found = TERM.match(text, position)
        if found is None:
            if not text[position:].strip():
                break
            raise PatternError(text)
        sign, quoted, regex, word = found.groups()
        terms[sign].append(_contains(quoted, regex, word))
        position = found.end()

    def match(message: str) -> Values | None:
        if any(test(message) for test in terms["-"]) or not all(test(message) for test in terms[""]):
            return None
        chosen = not terms["?"] or terms[""] or any(test(message) for test in terms["?"])
        return {} if chosen else None

    return match


def _contains(quoted: str | None, regex: str | None, word: str) -> Callable[[str], bool]:
    if regex is not None:
        search = _regex(regex)
        return lambda message: search.search(message) is not None
    term = word if quoted is None else quoted.replace('\\"', '"')
    return lambda message: term in message


def _regex(text: str) -> re.Pattern[str]:
    try:
        return re.compile(text)
    except re.error as error:
        raise PatternError(text) from error


def _json(text: str) -> Match:
    if not text.endswith("}"):
        raise PatternError(text)
    parser = _Parser(text[1:-1])
    test = parser.either()
    if parser.tokens:
        raise PatternError(text)

    def match(message: str) -> Values | None:
        try:
            event = json.loads(message)
        except ValueError:
            return None
        if not isinstance(event, (dict, list)) or not test(event):
            return None
        return {selector: _shown(_look(event, selector)) for selector in parser.selectors if _look(event, selector) is not ABSENT}

    return match


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


class _Parser:
    """Recursive descent over `||`, `&&`, brackets and comparisons."""

    def __init__(self, text: str) -> None:
        self.selectors: list[str] = []
        self.tokens: list[tuple[str, str]] = []
        position = 0
        while text[position:].strip():
            found = TOKEN.match(text, position)
            if found is None or found.lastgroup is None:
                raise PatternError(text)
            self.tokens.append((found.lastgroup, found[found.lastgroup]))
            position = found.end()

    def take(self, *kinds: str) -> tuple[str, str]:
        if not self.tokens or self.tokens[0][0] not in kinds:
            raise PatternError(str(self.tokens[:1]))
        return self.tokens.pop(0)

    def either(self) -> Test:
        return self._joined("||", any, lambda: self._joined("&&", all, self.one))

    def _joined(self, word: str, decide: Callable[[Any], bool], part: Callable[[], Test]) -> Test:
        tests = [part()]
        while self.tokens and self.tokens[0] == ("join", word):
            self.tokens.pop(0)
            tests.append(part())
        return lambda event: decide(test(event) for test in tests)

    def one(self) -> Test:
        kind, text = self.take("bracket", "selector")
        if kind == "bracket":
            if text != "(":
                raise PatternError(text)
            inner = self.either()
            if self.take("bracket")[1] != ")":
                raise PatternError(text)
            return inner
        self.selectors.append(text)
        kind, word = self.take("compare", "word")
        return self._comparison(text, word) if kind == "compare" else self._state(text, word.upper())

    def _state(self, selector: str, word: str) -> Test:
        """`IS NULL`, `IS TRUE`, `IS FALSE`, `NOT EXISTS`, `EXISTS`."""
        if word == "EXISTS":
            return lambda event: _look(event, selector) is not ABSENT
        wanted = self.take("word")[1].upper()
        if (word, wanted) == ("NOT", "EXISTS"):
            return lambda event: _look(event, selector) is ABSENT
        states = {"NULL": None, "TRUE": True, "FALSE": False}
        if word != "IS" or wanted not in states:
            raise PatternError(wanted)
        return lambda event: _look(event, selector) is states[wanted]

    def _comparison(self, selector: str, sign: str) -> Test:
        kind, text = self.take("quoted", "word", "regex")
        compare = COMPARE[sign]
        if kind == "word" and NUMBER.fullmatch(text):
            number = float(text)
            return lambda event: _is_number(value := _look(event, selector)) and bool(compare(value, number))
        if sign not in ("=", "!="):
            raise PatternError(text)
        same = _same(kind, text.replace('\\"', '"'))
        return lambda event: isinstance(value := _look(event, selector), (str, bool)) and same(_shown(value)) is (sign == "=")


def _same(kind: str, text: str) -> Callable[[str], bool]:
    if kind == "regex":
        search = _regex(text)
        return lambda value: search.search(value) is not None
    escaped = text.replace("[", "[[]").replace("?", "[?]")
    return lambda value: fnmatchcase(value, escaped)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _look(event: Any, selector: str) -> Any:
    """The value at `$.a.b[0]`; ABSENT when there is none."""
    value = event
    for name, index, single, double in STEP.findall(selector):
        key = name or single or double
        if key and isinstance(value, dict) and key in value:
            value = value[key]
        elif index and index != "*" and isinstance(value, list) and int(index) < len(value):
            value = value[int(index)]
        else:
            return ABSENT
    return value


def _fields(text: str) -> Match:
    """`[ip, user, status=404*, ...]`: the words of a line, with names and conditions."""
    if not text.endswith("]"):
        raise PatternError(text)
    wanted = [part.strip() for part in text[1:-1].split(",")]
    names = [re.split(r"!=|<=|>=|=|<|>", part, maxsplit=1)[0].strip() for part in wanted]
    tests = [_json("{ $." + part + " }") if re.search(r"[=<>]", part) else None for part in wanted]

    def match(message: str) -> Values | None:
        words = [found[0] or found[1] or found[2] for found in re.findall(r"\[([^\]]*)\]|\"([^\"]*)\"|(\S+)", message)]
        if "..." in names:
            spot = names.index("...")
            after = len(names) - spot - 1
            words = [*words[:spot], "", *words[len(words) - after :]] if len(words) >= len(names) - 1 else []
        if len(words) != len(names):
            return None
        for name, word, test in zip(names, words, tests, strict=True):
            value = float(word) if NUMBER.fullmatch(word) else word
            if test is not None and test(json.dumps({name: value})) is None and test(json.dumps({name: word})) is None:
                return None
        return {f"${name}": word for name, word in zip(names, words, strict=True) if name != "..."}

    return match
