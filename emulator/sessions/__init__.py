"""Sessions of Session Manager as a client meets them: a websocket, AWS's protocol on it, and a real program at the other end.

frames      one frame, as bytes
program     what is at the other end: a program on a terminal, or a port
channel     the service and the agent: order, acknowledgement, retransmission, handshake, keys, and faults when a test wants some
listener    the websocket server
"""

from __future__ import annotations
