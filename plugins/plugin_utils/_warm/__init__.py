# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A fork server that runs unchanged modules, and what the controller needs to use it. How it works: docs/performance.md.

In the controller: `wrapper` (what a payload says), `place` (socket, start), `client` (one module run), `payloads` (kept between runs).
In the server: `server` (the loop), `archive` (code by name), `loaded` (what is there, and the proof that a payload is equal to it),
`ready` (botocore), `child` (from a fork to a fresh process). Both: `wire`.
"""
