# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read-ahead: what the last run has read is fetched at once at the start of the next, and handed out. How it works: docs/performance.md.

In the callback: `record` (where a run's record is). In the server: `beside`. In a process beside it: `fetcher` (the loop), `shelf` (what
may be handed out, and when no longer), `aws` (the calls). In the module's process: `asking`. All: `request` (which calls may be
answered from it), `line` (messages).
"""
