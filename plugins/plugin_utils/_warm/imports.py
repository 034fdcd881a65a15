# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""In the controller: the imports of each module_util are looked for once in a run, and not again for each module that contains it.

ansible-core parses some sixty files for each payload that it builds. Modules themselves are still parsed each time. With an ansible-core
whose class is not known nothing is replaced (tests/unit/plugin_utils/_warm/test_imports.py).
"""

from __future__ import annotations

import hashlib
from typing import Any

from ansible.executor import module_common
from ansible.release import __version__

from .shared import Shared, Unsupported, check_parameters, check_version

CORE = ((2, 20), (2, 21))
PARAMETERS = ["self", "module_fqn", "module_data", "is_pkg_init", "args", "kwargs"]


def check() -> Any:
    """The class that looks for imports. Raises Unsupported."""
    check_version("imports", "ansible-core", __version__, *CORE)
    finder = getattr(module_common, "ModuleDepFinder", None)
    if finder is None:
        raise Unsupported("imports: there is no ModuleDepFinder")
    check_parameters("imports", finder.__init__, "ModuleDepFinder", PARAMETERS)
    return finder


def share(shared: Shared) -> None:
    """Replace how the class is made. Must be called before workers are forked."""
    finder = check()
    plain = finder.__init__

    def init(self: Any, module_fqn: str, module_data: bytes, **more: Any) -> None:
        key = None
        # Of a module itself more is used than its imports; it comes without `is_pkg_init`.
        if list(more) == ["is_pkg_init"]:
            key = ("imports", module_fqn, more["is_pkg_init"], hashlib.sha256(module_data).digest())
        if key and (found := shared.values.get(key)):
            self.submodules, self.optional_imports, self.embeds = set(found[0]), set(found[1]), set()
            return
        plain(self, module_fqn, module_data, **more)
        if key and not self.embeds:
            shared.keep(key, (tuple(sorted(self.submodules)), tuple(sorted(self.optional_imports))))

    finder.__init__ = init
