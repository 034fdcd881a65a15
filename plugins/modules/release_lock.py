#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: release_lock
version_added: 0.1.0
short_description: Show, take or open the lock of an environment
description:
  - An environment has one lock for all that write, so that at any time one of them converges, releases, migrates or destroys.
  - Shows who is at work, since when, and the last sign of life. Opens a lock whose holder is gone, and another one only when told to.
  - A release or migration takes the lock itself, a run of a playbook by V(held). Its holder gives a sign of life every ten seconds. After
    a minute without one the next who needs the lock takes it over by itself, so that opening it by hand is seldom needed.
  - What a holder that is gone has noted, suspended scaling for example, stays in the lock for the next release to finish.
  - No upstream module has a lock.
options:
  bucket:
    description: The environment's bucket, C(<application>-<environment>-releases-<account id>), as the role C(releases) makes it.
    type: str
    required: true
  state:
    description:
      - V(shown) changes nothing. V(released) opens the lock, with O(holder) that of this run.
      - V(held) takes the lock for the rest of the run. A small process beside the run gives the signs of life, and releases the lock when
        the run has ended, however it ended. It is no change, and check mode takes no lock.
    type: str
    choices: [shown, held, released]
    default: shown
  requested_by:
    description: Who takes or opens the lock. A holder that still lives is told so when it loses the lock.
    type: str
    default: somebody
  force:
    description:
      - Open the lock although its holder lives. A release then stops within ten seconds, wherever it is; what it has begun in AWS goes on.
        A run of a playbook fails at its end.
    type: bool
    default: false
  reason:
    description: With V(held), what the run does, C(converging) for example. Others who want the lock are told.
    type: str
    default: at work
  lock_timeout:
    description: With V(held), seconds for which a lock that somebody else holds is waited for.
    type: int
    default: 0
  require_bucket:
    description: With V(held), whether it is an error that there is no bucket. Otherwise no lock is taken then.
    type: bool
    default: true
  holder:
    description: With V(released), what RV(holder) was when this run took the lock; none is none.
    type: dict
  controller:
    description: The process of C(ansible-playbook), set by this module's action.
    type: int
  progress:
    description: A file to which is appended for whom it waits. The action that runs this module shows the lines; you need not set it.
    type: path
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

- name: Nobody else writes while this play runs
  railyard.fargate.release_lock:
    bucket: shop-production-releases-123456789012
    state: held
    requested_by: deborah
    reason: converging
    lock_timeout: 600
  register: held

- name: The next one need not wait for the end of the run
  railyard.fargate.release_lock:
    bucket: shop-production-releases-123456789012
    state: released
    holder: "{{ held.holder }}"

- name: Open a lock whose holder is gone
  railyard.fargate.release_lock:
    bucket: shop-production-releases-123456789012
    state: released
    requested_by: deborah
  when: shown.lock and shown.lock.status != 'held'
"""

RETURN = r"""
holder:
  description: The process that holds the lock for this run; null when none was taken, in check mode for example.
  returned: when O(state=held)
  type: dict
  contains:
    boot_id:
      description: Of the machine.
      returned: on Linux
      type: str
    namespace:
      description: In which its id holds.
      returned: on Linux
      type: str
    pid:
      description: Its id.
      returned: always
      type: int
    started:
      description: When it began, in ticks since the boot.
      returned: on Linux
      type: int
lock:
  description: The lock; null when nobody has it.
  returned: always
  type: dict
  contains:
    status:
      description:
        - V(held) when its holder lives, V(stale) after a minute without a sign of life, V(dead) when the holder's process on this machine
          has ended, V(abandoned) when it was taken from its holder with work still to be finished.
        - The next who needs it takes over all but V(held).
      returned: always
      type: str
      sample: held
    requested_by:
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

from ..module_utils._core.errors import RailyardError
from ..module_utils._core.progress import to_file
from ..module_utils._module import aws_client, converge, fail, succeed
from ..module_utils._release import lock, lock_process

SPEC = {
    "bucket": {"type": "str", "required": True},
    "state": {"type": "str", "choices": ["shown", "held", "released"], "default": "shown"},
    "requested_by": {"type": "str", "default": "somebody"},
    "force": {"type": "bool", "default": False},
    "reason": {"type": "str", "default": "at work"},
    "lock_timeout": {"type": "int", "default": 0},
    "require_bucket": {"type": "bool", "default": True},
    "holder": {"type": "dict"},
    "controller": {"type": "int"},
    "progress": {"type": "path"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    if wanted["state"] == "held" or wanted["holder"] is not None:
        _of_run(module)
    converge(
        module,
        "s3",
        "lock",
        find=lambda client: lock.find(client, wanted["bucket"]),
        make_plan=lambda _client, live: lock.make_plan(wanted, live),
    )


def _of_run(module: AnsibleAWSModule) -> None:
    """Take the lock for the run, or release it; ends the process."""
    wanted = module.params
    if module.check_mode:
        succeed(module, changed=False, lock=None, **({"holder": None} if wanted["state"] == "held" else {}))
    if wanted["controller"] is None:
        fail(
            module,
            RailyardError("only a run of ansible-playbook on this machine can hold the lock: connection local or railyard.fargate.warm"),
        )
    try:
        client = aws_client(module, "s3")
        if wanted["state"] == "held":
            succeed(module, changed=False, **lock_process.hold(client, wanted, to_file(wanted["progress"])))
        lock_process.let_go(client, wanted)
    except RailyardError as error:
        fail(module, error)
    succeed(module, changed=False, lock=None)


if __name__ == "__main__":
    main()
