"""A query as tokens, each with its place in the text."""

from __future__ import annotations

import re
from dataclasses import dataclass

TOKEN = re.compile(
    r"""(?P<space>\s+|\#[^\n]*)
    |(?P<number>\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?![A-Za-z_]))
    |(?P<period>\d+(?:ms|mo|[smhdwqy])\w*)
    |(?P<text>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<quoted>`[^`]+`)
    |(?P<name>[@A-Za-z_][\w@]*(?:\.[\w@]+)*)
    |(?P<sign>!=|<=|>=|=~|[|(),\[\]=<>+\-*/%^])""",
    re.VERBOSE,
)
REGEX = re.compile(r"/((?:[^/\\\n]|\\.)+)/(i?)")
# After these words a `/` begins a regular expression.
BEFORE_REGEX = ("like", "=~", "(", ",", "parse", "|", "@message")


class Malformed(Exception):
    """A query that is none: why, and from where to where in its text."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message, self.start, self.end = message, start, end


@dataclass(frozen=True)
class Token:
    kind: str
    text: str
    start: int
    end: int


def tokens(query: str) -> list[Token]:
    """All of them, and at the end one of the kind `end`. Raises Malformed."""
    found: list[Token] = []
    position = 0
    while position < len(query):
        if query[position] == "/" and _takes_regex(found) and (regex := REGEX.match(query, position)):
            found.append(Token("regex", regex[0], position, regex.end()))
            position = regex.end()
            continue
        match = TOKEN.match(query, position)
        if match is None or match.lastgroup is None:
            raise unexpected(query, Token("sign", query[position], position, position + 1))
        if match.lastgroup != "space":
            found.append(Token(match.lastgroup, match[0], position, match.end()))
        position = match.end()
    return [*found, Token("end", "", len(query), len(query))]


def _takes_regex(before: list[Token]) -> bool:
    """Whether a `/` is no division here: after a sign, a word that asks for a pattern, or the field of `parse`."""
    if not before or before[-1].text.lower() in BEFORE_REGEX:
        return True
    return len(before) > 1 and before[-2].text.lower() == "parse"


def unexpected(query: str, token: Token) -> Malformed:
    """AWS's words for what does not belong where it is."""
    before = query[: token.start]
    line, column = before.count("\n") + 1, token.start - (before.rfind("\n") + 1) + 1
    what = f"unexpected symbol found {token.text}" if token.text else "unexpected end of query found"
    return Malformed(f"{what} at line {line} and position {column}", token.start, max(token.end, token.start + 1))


class Reader:
    """Tokens that are taken one after another."""

    def __init__(self, query: str) -> None:
        self.query, self._tokens, self._at = query, tokens(query), 0

    @property
    def next(self) -> Token:
        return self._tokens[self._at]

    def peek(self) -> Token:
        """The one after the next."""
        return self._tokens[min(self._at + 1, len(self._tokens) - 1)]

    def take(self, *kinds: str) -> Token:
        if kinds and self.next.kind not in kinds:
            raise unexpected(self.query, self.next)
        token = self.next
        self._at += 1
        return token

    def is_word(self, *words: str) -> bool:
        return self.next.kind in ("name", "sign") and self.next.text.lower() in words

    def word(self, *words: str) -> str:
        """One of these words, taken when it is the next; "" otherwise."""
        return self.take().text.lower() if self.is_word(*words) else ""

    def need(self, *words: str) -> str:
        if not self.is_word(*words):
            raise unexpected(self.query, self.next)
        return self.take().text.lower()

    def text(self, start: int) -> str:
        """What was taken since `start`, as it is written."""
        return self.query[start : self._tokens[self._at - 1].end].strip()
