"""Where the time of a first converge went."""

from __future__ import annotations

from bench.first import Own, told
from bench.runs import Run


def test_the_parts_of_a_first_converge() -> None:
    at = {"CreateDBInstance": 120.0, "PutParameter": 363.0, "CreateService": 364.0}
    calls = [{"operation": "PutParameter", "at": 110.0}, *({"operation": name, "at": when} for name, when in at.items())]
    done = Run(began=100.0, ended=390.0, cpu=0.0, whole=True, lines=[], calls=calls)
    assert list(told(done, Own(database=240, tasks=24))) == [
        "    20.0 s until the database is asked for",
        "   243.0 s until its address is stored; 240 of them are AWS's",
        "     1.0 s until the services are created",
        "    26.0 s until the end; 24.0 of them are AWS's",
        "   290.0 s, 1.10 of the 264 s that AWS itself takes (goal 1.1)",
    ]
