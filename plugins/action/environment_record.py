# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

from ansible_collections.railyard.fargate.plugins.plugin_utils.planned import PlannedAction


class ActionModule(PlannedAction):
    """Gives the module what this run has kept."""

    REQUIRED = False
