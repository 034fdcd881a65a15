# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An environment, the tags of what belongs to it, and the exact names of its parts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from string import Formatter

from .._core import ownership

# Names by kind. What stands in braces is known of an environment, or is any text of its form.
NAMES: dict[str, tuple[str, ...]] = {
    "vpc": ("{base}",),
    "security group": ("{base}-alb", "{base}-app", "{base}-database"),
    "load balancer": ("{front}",),
    "target group": ("{front}-blue", "{front}-green"),
    "ecs cluster": ("{base}",),
    "ecs service": ("{base}/{process}",),
    "ecs task definition": ("{base}-{process}", "{base}-run", "{base}-console"),
    "scalable target": ("service/{base}/{process}",),
    "codedeploy application": ("{base}",),
    "codedeploy configuration": ("{base}-{shift}",),
    "database": ("{base}",),
    "database subnet group": ("{base}",),
    "database parameter group": ("{base}-{family}",),
    "database snapshot": ("{base}-final-{time}",),
    "image repository": ("{base}",),
    "role": ("{base}-execution", "{base}-task", "{base}-infrastructure", "{base}-codedeploy", "{base}-console"),
    "log group": ("{path}{process}", "{path}run", "{path}console", "/aws/rds/instance/{base}/{log}"),
    "parameter": ("{path}{secret}", "{path}DATABASE_URL", "{path}DATABASE_PASSWORD"),
    "session document": ("{base}-console", "{base}-forward"),
    "bucket": ("{base}-releases-{account}", "{front}-alb-logs-{account}-{region}"),
}
FORMS = {
    "process": "[a-z][a-z0-9-]*",
    "shift": "(?:canary|linear)-[0-9]+-[0-9]+",
    "family": "[a-z]+[0-9]+",
    "time": "[0-9]{14}",
    "log": "[a-z]+",
    "secret": "[A-Za-z0-9_.-]+",
    "account": "[0-9]{12}",
    "region": "[a-z]+(?:-[a-z]+)+-[0-9]",
}
# Only the processes that are declared: shop-local-two-web may be the web of another environment, local-two.
KNOWN_ONLY = {"ecs task definition"}


@dataclass(frozen=True)
class Environment:
    """`known`: what the names are made of besides, each a tuple of texts: process, secret, front, family, log, account, region."""

    application: str
    environment: str
    known: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{self.application}-{self.environment}"

    @property
    def path(self) -> str:
        return f"/{self.application}/{self.environment}/"

    @property
    def tags(self) -> dict[str, str]:
        return ownership.of(self.application, self.environment)

    @property
    def front(self) -> str:
        return self.known.get("front", (self.name,))[0]

    @cached_property
    def _values(self) -> dict[str, tuple[str, ...]]:
        return {"base": (self.name,), "path": (self.path,), "front": (self.front,), **self.known}

    def may_own(self, name: str) -> bool:
        """Whether it is worth asking for the tags of what has this name. It proves nothing."""
        return any(name == base or name.startswith(f"{base}-") for base in (self.name, self.front))

    def has_name(self, kind: str, name: str) -> bool:
        """Whether something of this kind would have exactly this name in the environment."""
        return any(self._pattern(template, kind).fullmatch(name) for template in NAMES.get(kind, ()))

    def _pattern(self, template: str, kind: str) -> re.Pattern[str]:
        text = ""
        for literal, part, _format, _conversion in Formatter().parse(template):
            values = "|".join(re.escape(value) for value in self._values.get(part or "", ()))
            form = "(?!)" if kind in KNOWN_ONLY else FORMS.get(part or "", "")
            text += re.escape(literal) + (f"(?:{values or form})" if part else "")
        return re.compile(text)

    def names(self, kind: str) -> list[str]:
        """All names of this kind, as far as they are known."""
        found = []
        for template in NAMES[kind]:
            parts = [part for _literal, part, _format, _conversion in Formatter().parse(template) if part]
            for chosen in product(*(self._values.get(part, ()) for part in parts)):
                found.append(template.format(**dict(zip(parts, chosen, strict=True))))
        return found
