# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fork server that runs unchanged modules, and what the controller needs to use it. How it works: docs/performance.md.

In the controller: `wrapper` (parses a payload), `server_socket` (finds or starts the server), `process_fingerprint` (which runs one keeper
may serve), `client` (runs one module), `payloads` (kept between runs), `shared` (what a worker computes for those after it: `templates`,
`imports`). In the server: `server` (the loop), `preloaded` (what it loads), `archive` (code by name), `loaded_modules` (the modules that
are imported, compared with those of a payload), `botocore_caches` (what botocore computes once), `module_process` (the fork that runs
a module). In the keeper: `keeper` (the loop), `file_stamps` (which loaded files have changed). All: `wire`.
"""
