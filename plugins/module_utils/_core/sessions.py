# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Clients of boto3. Those of one profile have one session, in this process.

So the keys of a role, of SSO or of a program are resolved once for all of them, and renewed once, a quarter of an hour before they end.
Other processes find them where credentials.py keeps them.
"""

from __future__ import annotations

import threading
from typing import Any

try:
    import boto3
    from botocore.config import Config
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from ansible.module_utils.ansible_release import __version__

from . import credentials

AGENT = f"APN/1.0 Ansible/{__version__} railyard.fargate"
_sessions: dict[str, Any] = {}
# Sessions make one client at a time.
_making = threading.Lock()


def client(service: str, profile: str | None, config: Config | None = None, **options: Any) -> Any:
    """A client by a profile ("" or None: by what the environment says) or by keys in `options`, which are those of boto3's Session.client.

    Raises botocore's errors, for a profile that is not there for example.
    """
    with _making:
        credentials.share()
        if (key := profile or "") not in _sessions:
            _sessions[key] = boto3.session.Session(profile_name=profile or None)
        own = Config(user_agent=AGENT)
        return _sessions[key].client(service, config=own.merge(config) if config else own, **options)
