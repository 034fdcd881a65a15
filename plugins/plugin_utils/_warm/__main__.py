# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`python <this folder> <settings>`: the server. Started by server_socket.start only."""

import importlib.util
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))


def main() -> None:
    # A name of its own: the server has no collection loader, and a module must find none of these files on sys.path.
    sys.path[:] = [path for path in sys.path if os.path.abspath(path) != HERE]
    spec = importlib.util.spec_from_file_location("railyard_warm", os.path.join(HERE, "__init__.py"), submodule_search_locations=[HERE])
    if not (spec and spec.loader):
        raise ImportError(f"{HERE} cannot be loaded")
    package = importlib.util.module_from_spec(spec)
    sys.modules["railyard_warm"] = package
    spec.loader.exec_module(package)
    importlib.import_module("railyard_warm.server").serve(sys.argv[1])


if __name__ == "__main__":
    main()
