# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A program with the command line of `session-manager-plugin`: RESPONSE REGION StartSession PROFILE PARAMETERS ENDPOINT.

RESPONSE is the name of an environment variable with what StartSession answered, as JSON; so the token is in no list of processes.
PARAMETERS are those of StartSession, as JSON. Needs the library `websockets`, and `cryptography` for sessions with a KMS key. It must be
run with the folder of this file's package on its path: see choose.command.
"""

from __future__ import annotations

import itertools
import json
import os
import sys
from collections.abc import Sequence
from typing import Any

from . import port, shell
from .channel import PORT, Channel, Closed, DataKey, Ready
from .session import Lost, Session

VARIABLE = "AWS_SSM_START_SESSION_RESPONSE"
FAILED, INTERRUPTED = 255, 130


def main(words: Sequence[str]) -> int:
    """Be the client; the exit code."""
    response, region, _operation, profile, parameters, endpoint = [*words, *[""] * 6][:6]
    answer = json.loads(os.environ.pop(response) if response.startswith(VARIABLE) else response)
    answer = {name[:1].upper() + name[1:]: value for name, value in answer.items()}
    wanted = json.loads(parameters or "{}")
    made = Aws(region, profile, endpoint)
    channel = Channel(answer["SessionId"], wanted.get("Target", ""), made.data_key)
    try:
        session = Session(answer, channel, made.resume)
        try:
            return _serve(session, wanted)
        finally:
            session.close()
    except (Lost, OSError) as error:
        print(f"\r\n{error}\r", file=sys.stderr)
        return FAILED
    except KeyboardInterrupt:
        # Until the other side has answered, keys are this program's.
        return INTERRUPTED


def _serve(session: Session, wanted: dict[str, Any]) -> int:
    events = session.events()
    first = next((event for event in events if isinstance(event, (Ready, Closed))), Closed(""))
    if isinstance(first, Closed):
        print(f"\r\nthe session was closed before it began: {first.text}\r", file=sys.stderr)
        return FAILED
    rest = itertools.chain([first], events)
    if session.channel.kind == PORT:
        local = int((wanted.get("Parameters") or {}).get("localPortNumber", ["0"])[0])
        return port.run(session, rest, local, lambda line: print(line, flush=True))
    return shell.run(session, rest, sys.stdin.fileno(), sys.stdout.fileno())


class Aws:
    """What a session asks AWS besides: keys and new tokens. boto3 is imported when it does."""

    def __init__(self, region: str, profile: str, endpoint: str) -> None:
        self.region, self.profile, self.endpoint = region, profile, endpoint
        self.data_key: DataKey = self._data_key

    def _client(self, service: str) -> Any:
        import boto3.session

        endpoint = {"endpoint_url": self.endpoint} if self.endpoint else {}
        return boto3.session.Session(profile_name=self.profile or None, region_name=self.region).client(service, **endpoint)

    def _data_key(self, key: str, context: dict[str, str]) -> tuple[bytes, bytes]:
        answer = self._client("kms").generate_data_key(KeyId=key, NumberOfBytes=64, EncryptionContext=context)
        return answer["CiphertextBlob"], answer["Plaintext"]

    def resume(self, session: str) -> str | None:
        """A new token; None when the session is over. Raises ConnectionError while AWS cannot be asked."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            token: str | None = self._client("ssm").resume_session(SessionId=session).get("TokenValue")
        except ClientError:
            return None
        except BotoCoreError as error:
            raise ConnectionError(f"AWS cannot be asked for the session: {error}") from error
        return token


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
