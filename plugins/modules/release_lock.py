#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_lock
version_added: 0.1.0
short_description: Show or open the lock that a release holds
description:
  - Shows who releases, since when, and the last sign of life. Opens a lock whose holder is gone, and another one only when told to.
  - A lock is taken by a release itself, which gives a sign of life every ten seconds. After a minute without one the next release takes
    the lock over by itself, so that opening it by hand is seldom needed.
  - What a holder that is gone has noted, suspended scaling for example, stays in the lock for the next release to finish.
  - No upstream module has a lock.
options:
  bucket:
    description: The environment's bucket, C(<application>-<environment>-releases-<account id>), as the role C(releases) makes it.
    type: str
    required: true
  state:
    description: V(shown) changes nothing. V(released) opens the lock.
    type: str
    choices: [shown, released]
    default: shown
  owner:
    description: Who opens the lock. A holder that still lives is told so when it loses the lock.
    type: str
    default: somebody
  force:
    description:
      - Open the lock although its holder lives. That release stops within ten seconds, wherever it is. What it has begun in AWS goes on.
    type: bool
    default: false
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.releases_info
  - name: Conditional requests of Amazon S3
    description: What makes the lock safe.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

EXAMPLES = r"""
- name: Who releases at this moment?
  railyard.fargate.release_lock:
    bucket: shop-production-releases-123456789012
  register: shown

- name: Open a lock whose holder is gone
  railyard.fargate.release_lock:
    bucket: shop-production-releases-123456789012
    state: released
    owner: deborah
  when: shown.lock and shown.lock.status != 'held'
"""

RETURN = r"""
lock:
  description: The lock; null when nobody has it.
  returned: always
  type: dict
  contains:
    status:
      description:
        - V(held) when its holder lives, V(stale) after a minute without a sign of life, V(dead) when the holder's process on this machine
          has ended, V(abandoned) when it was taken from its holder with work still to be finished.
        - The next release takes over all but V(held).
      returned: always
      type: str
      sample: held
    owner:
      description: Who has it.
      returned: always
      type: str
      sample: deborah
    host:
      description: On which machine.
      returned: always
      type: str
    process:
      description: The process, by C(boot_id), C(namespace), C(pid) and C(started).
      returned: always
      type: dict
    reason:
      description: What it does.
      returned: always
      type: str
      sample: releasing shop@sha256:1111111111111111
    since:
      description: Since when, ISO 8601, by the holder's clock.
      returned: always
      type: str
    held_seconds:
      description: For how many seconds.
      returned: always
      type: int
    silent_seconds:
      description: Seconds since the last sign of life, by S3's clock.
      returned: always
      type: int
    release:
      description: Number of the release that the holder noted.
      returned: always
      type: int
    scaling:
      description: What the holder noted of scaling that it suspended.
      returned: always
      type: raw
    abandoned:
      description: Who has taken it from its holder.
      returned: always
      type: str
    etag:
      description: S3's mark of this very state; a lock is opened only while it has it.
      returned: always
      type: str
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import converge
from ..module_utils._release import lock

SPEC = {
    "bucket": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["shown", "released"], "default": "shown"},
    "owner": {"type": "str", "default": "somebody"},
    "force": {"type": "bool", "default": False},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "s3",
        "lock",
        find=lambda client: lock.find(client, wanted["bucket"]),
        make_plan=lambda _client, live: lock.make_plan(wanted, live),
    )


if __name__ == "__main__":
    main()
