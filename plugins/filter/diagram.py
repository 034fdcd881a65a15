# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ..module_utils._diagram import draw, model

DOCUMENTATION = r"""
name: diagram
version_added: 0.2.0
short_description: Draw an environment
description:
  - A picture of what was read of an environment, as SVG that is readable on light and on dark ground, and as a flowchart of Mermaid.
options:
  _input:
    description: C(parts) of M(railyard.fargate.environment_status_info).
    type: dict
    required: true
  listeners:
    description: C(listeners) of M(railyard.fargate.elbv2_listener_info), that of users first.
    type: list
    elements: dict
    required: true
  resources:
    description: C(resources) of M(railyard.fargate.environment_info).
    type: list
    elements: dict
    required: true
  title:
    description: What stands above it.
    type: str
    required: true
author:
  - Railyard contributors (@railyard)
"""

EXAMPLES = r"""
picture: "{{ status.parts | railyard.fargate.diagram(balancer.listeners, found.resources, 'shop production') }}"
"""

RETURN = r"""
_value:
  description: The picture as C(svg) and as C(mermaid).
  type: dict
"""


def diagram(
    parts: Mapping[str, Any], listeners: Sequence[Mapping[str, Any]], resources: Sequence[Mapping[str, Any]], title: str
) -> dict[str, str]:
    picture = model.of(parts, listeners, resources, title)
    return {"svg": draw.svg(picture), "mermaid": draw.mermaid(picture)}


class FilterModule:
    def filters(self) -> dict[str, Any]:
        return {"diagram": diagram}
