# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A client of Session Manager: `session-manager-plugin` when it is there, our own with the same command line otherwise.

frames    one frame of a data channel, as bytes                     pure
channel   order, acknowledgement, retransmission, handshake, keys   knows no socket and no clock
link      the websocket
shell     keys of a terminal in, output out
port      a local port that is a port beyond the node
client    the program
choose    which program, with which words and environment
"""

from __future__ import annotations
