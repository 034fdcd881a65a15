# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a session's key of 64 bytes does: AES-256-GCM, a nonce of 12 bytes before each text."""

from __future__ import annotations

import os
from typing import Any

NONCE = 12
HALF = 32


class Cipher:
    """The client's side: the agent encrypts with the first half of the key, and the client with the second."""

    def __init__(self, key: bytes) -> None:
        # Only sessions with a KMS key need it.
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._theirs: Any = AESGCM(key[:HALF])
        self._ours: Any = AESGCM(key[HALF:])

    def seal(self, clear: bytes) -> bytes:
        nonce = os.urandom(NONCE)
        return nonce + bytes(self._ours.encrypt(nonce, clear, None))

    def open(self, sealed: bytes) -> bytes:
        return bytes(self._theirs.decrypt(sealed[:NONCE], sealed[NONCE:], None))
