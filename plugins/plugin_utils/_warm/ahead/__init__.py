# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read-ahead: at the start of a run a process repeats the reads of the run before, and modules get the answers. See docs/performance.md.

In the callback: `record` (the file of a run's reads). In the server: `beside`. Beside it: `fetcher` (the loop), `plan` (what is to
be read now), `cache` (which answers may be used, and until when), `aws` (the calls). In the module's process: `asking`. All: `request`
(which calls may be answered from the cache), `writes` (which processes are writing), `ipc` (messages).
"""
