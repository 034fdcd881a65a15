# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What `site.yml` reads first on a machine that has no record of it: the requests of a no-op converge, with names in place of values.

`tests/warm/first_reads.py` writes the file. What it names and AWS does not have, or what a run does not ask for, costs a call.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from .request import Request

FILE = Path(__file__).with_name("first_reads.json")
PLAYBOOK = "site"


class Names:
    """The names of one environment, as far as they are known from what is asked for."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.name = ""

    def asked(self, request: Request) -> None:
        """Learn from a request before it is made."""
        if (request.service, request.operation) == ("ssm", "DescribeParameters"):
            self.paths |= set(re.findall(r'"(/[^/"]+/[^/"]+)/', request.params))

    def answered(self, request: Request) -> bool:
        """Learn from one that AWS has answered. Returns whether an environment that is there is known by all its names, the first time."""
        if self.name or (request.service, request.operation) != ("ecs", "DescribeServices"):
            return False
        cluster = json.loads(request.params).get("cluster", "")
        self.name = cluster if f"/{cluster}".replace("/", "-") in {path.replace("/", "-") for path in self.paths} else ""
        return bool(self.name)

    @property
    def path(self) -> str:
        return next(path for path in self.paths if path[1:].replace("/", "-") == self.name)


def reads(names: Names, account: str, region: str) -> list[tuple[str, str, str]]:
    """Service, operation and parameters of each."""
    values = {"<name>": names.name, "<path>": names.path, "<account>": account, "<region>": region}

    def filled(text: str) -> str:
        return re.sub("<[a-z]+>", lambda found: values[found[0]], text)

    return [(service, operation, filled(params)) for service, operation, params in json.loads(FILE.read_text())]
