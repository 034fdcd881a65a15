"""CloudWatch Logs' filter patterns mean what AWS says."""

from __future__ import annotations

import json

import pytest

from emulator.services.logs.patterns import PatternError, compiled

JSON = json.dumps({"status": 500, "path": "/up", "ok": True, "user": {"name": "Ann", "id": None}, "tags": ["a", {"b": 1}], "text": "500"})


@pytest.mark.parametrize(
    ("pattern", "message", "matches"),
    [
        ("", "anything", True),
        ("ERROR", "an ERROR", True),
        ("ERROR", "an error", False),
        ("ERROR 404", "404 ERROR", True),
        ("ERROR 404", "ERROR 500", False),
        ("ERROR -404", "ERROR 404", False),
        ("ERROR -404", "ERROR 500", True),
        ("-404", "fine", True),
        ("?ERROR ?WARN", "WARN a", True),
        ("?ERROR ?WARN", "INFO a", False),
        ('"a b"', "xa bx", True),
        ('"a b"', "b a", False),
        ('-"a b" c', "a b c", False),
        ("%4\\d\\d%", "status 404", True),
        ("%4\\d\\d%", "status 500", False),
        ("{ $.status = 500 }", JSON, True),
        ("{ $.status = 404 }", JSON, False),
        ("{ $.status != 404 }", JSON, True),
        ("{ $.status >= 500 && $.status < 600 }", JSON, True),
        ("{ ($.status = 404 || $.status = 500) && $.path = \"/up\" }", JSON, True),
        ("{ $.status = 404 || $.status = 500 && $.path = \"/no\" }", JSON, False),
        ("{ $.path = \"/u*\" }", JSON, True),
        ("{ $.path = /up }", JSON, True),
        ("{ $.path != \"/up\" }", JSON, False),
        ("{ $.path = %^/u% }", JSON, True),
        ("{ $.ok IS TRUE }", JSON, True),
        ("{ $.ok IS FALSE }", JSON, False),
        ("{ $.user.id IS NULL }", JSON, True),
        ("{ $.user.name = \"Ann\" }", JSON, True),
        ("{ $.none NOT EXISTS }", JSON, True),
        ("{ $.status NOT EXISTS }", JSON, False),
        ("{ $.tags[0] = \"a\" }", JSON, True),
        ("{ $.tags[1].b = 1 }", JSON, True),
        ("{ $.tags[9] = 1 }", JSON, False),
        ("{ $.text = 500 }", JSON, False),
        ("{ $.none = 500 }", JSON, False),
        ("{ $.status = 500 }", "status 500", False),
        ("[ip, user, status=404*, ...]", "1.2.3.4 ann 404 more words", True),
        ("[ip, user, status=404*, ...]", "1.2.3.4 ann 500 more words", False),
        ("[..., status>=500, size]", "GET /up 503 12", True),
        ("[a, b]", "one two three", False),
    ],
)  # fmt: skip
def test_patterns(pattern: str, message: str, matches: bool) -> None:
    assert (compiled(pattern)(message) is not None) is matches


@pytest.mark.parametrize("pattern", ["{ $.a = }", "{ $.a = 1", "{ a = 1 }", '{ $.a > "x" }', "{ ($.a = 1 }", "[a", "%(%", "{ $.a IS 1 }"])
def test_what_is_no_pattern(pattern: str) -> None:
    with pytest.raises(PatternError):
        compiled(pattern)
