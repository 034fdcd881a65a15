# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is wrong with a pipeline before AWS is asked: one sentence for each, with its place and what would be right.

Data for a person who has written the structure, and table-tested; https://docs.aws.amazon.com/codepipeline/latest/userguide/limits.html
"""

from __future__ import annotations

from . import rules_actions, rules_artifacts, rules_commands, rules_deploy, rules_structure, rules_triggers
from .structure import Structure

RULES = (
    *rules_structure.RULES,
    *rules_actions.RULES,
    *rules_commands.RULES,
    *rules_artifacts.RULES,
    *rules_deploy.RULES,
    *rules_triggers.RULES,
)


def problems(structure: Structure, region: str) -> list[str]:
    """The sentences about a structure as `structure.declared` returns it, for a pipeline in this Region; [] when there is none. Pure."""
    return [said for rule in RULES for said in rule(structure, region)]
