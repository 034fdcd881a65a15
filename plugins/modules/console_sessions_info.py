#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: console_sessions_info
version_added: 0.1.0
short_description: List who had a console, when, why and for how long
description:
  - Reads the sessions of an environment's consoles from Session Manager, which keeps them for 30 days. Input and output are in the log
    group of the role C(ssm_hybrid), as long as it keeps them.
  - No upstream module reads sessions.
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  limit:
    description: The number of sessions to return at most, the newest ones. V(0) returns all.
    type: int
    default: 50
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.console
"""

EXAMPLES = r"""
- name: Who was in a production console?
  railyard.fargate.console_sessions_info:
    names: "{{ lookup('railyard.fargate.names') }}"
  register: consoles
"""

RETURN = r"""
sessions:
  description: The sessions, newest first.
  returned: success
  type: list
  elements: dict
  contains:
    session:
      description: The session's id.
      returned: always
      type: str
    requested_by:
      description: The last part of the ARN of whoever started it.
      returned: always
      type: str
    reason:
      description: The person, whether what is changed stays, and the reason.
      returned: always
      type: str
      sample: "deborah, writes: order 4711 is stuck"
    since:
      description: When it began, ISO 8601.
      returned: always
      type: str
    until:
      description: When it ended, ISO 8601. Null while it is open.
      returned: always
      type: str
    minutes:
      description: How long it lasted. Null while it is open.
      returned: always
      type: float
    status:
      description: As Session Manager names it.
      returned: always
      type: str
      sample: Terminated
    document:
      description: The session document.
      returned: always
      type: str
    log_url:
      description: URL of the log stream with input and output in AWS's console.
      returned: always
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._console import history
from ..module_utils._module import NAMES, names_of, report

SPEC = {**NAMES, "limit": {"type": "int", "default": 50}}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    names, limit = names_of(module), module.params["limit"]
    report(module, "ssm", "sessions", lambda ssm: history.sessions(ssm, names)[: limit or None])


if __name__ == "__main__":
    main()
