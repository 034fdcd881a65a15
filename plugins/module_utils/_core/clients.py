# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of boto3 by service, some of which few runs need."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any


class Clients(dict[str, Any]):
    """Clients by service. Those of `services` are made at once, every other one when it is first asked for."""

    def __init__(self, make: Callable[[str], Any], services: Iterable[str] = ()) -> None:
        super().__init__({service: make(service) for service in services})
        self._make = make

    def __missing__(self, service: str) -> Any:
        self[service] = self._make(service)
        return self[service]
