# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a person says with `-e` behind the name of a playbook, and the table of options that the playbook has.

`extra_vars`: which variables are said, and which words the shell has torn off. `options`: what is wrong with them, and their values.
`usage`: the table as text. `inventories`: hosts that are not there, and hosts of two inventories that are merged into one.
"""
