# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations


class ModuleDocFragment:
    """What modules with tags have beside amazon.aws.tags."""

    DOCUMENTATION = r"""
options:
  purge_tag_keys:
    description:
      - Limits O(purge_tags) to tags whose keys match one of these patterns, C(*) and C(?) as in file names. With an empty list no tag is
        removed, so that tags which other tools and people have set stay.
      - A tag that was declared once and is not any more stays as well; its key in this list removes it.
    type: list
    elements: str
notes:
  - Tags also say whose a resource is. Where O(tags) has V(application), V(environment) and V(managed-by) with the value V(railyard), a
    resource of the same name that exists already and does not have these three is not changed. The module fails and says whose it seems
    to be and how to make it one of the environment's; with O(state=absent) it leaves it alone and warns.
  - Without these three in O(tags) a resource is known by its name alone.
"""
