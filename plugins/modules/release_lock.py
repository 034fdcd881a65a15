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
  - An environment has one lock for everything that writes to it, so that only one run at a time converges, releases, migrates or destroys.
  - Shows who holds the lock, since when, and its last heartbeat. Opens a lock whose holder is gone, and any other lock only with O(force).
  - The modules that release and migrate take the lock themselves; a playbook takes it with O(state=held). The holder writes a heartbeat
    every ten seconds. After a minute without one the next run that needs the lock takes it over, so you seldom have to open it by hand.
  - What the former holder has noted in the lock, suspended scaling for example, stays in it for the next release to finish.
  - No upstream module has a lock.
options:
  bucket:
    description: The environment's bucket, C(<application>-<environment>-releases-<account id>), created by the role C(releases).
    type: str
    required: true
  state:
    description:
      - V(shown) changes nothing. V(released) opens the lock; with O(holder) it releases the lock of this run.
      - V(held) takes the lock for the rest of the run. A small process beside the run writes the heartbeats and releases the lock when the
        run has ended, whatever ended it. Taking the lock is not reported as a change, and check mode takes no lock.
    type: str
    choices: [shown, held, released]
    default: shown
  requested_by:
    description: Who takes or opens the lock. A holder that is alive reports this name when it loses the lock.
    type: str
    default: somebody
  force:
    description:
      - Open the lock although its holder is alive. A release then stops within ten seconds, in whatever stage; what it has started in AWS
        continues. A run of a playbook fails at its end.
    type: bool
    default: false
  reason:
    description: With V(held), what the run does, C(converging) for example. Others who need the lock see it.
    type: str
    default: at work
  lock_timeout:
    description: With V(held), seconds to wait at most for a lock that somebody else holds.
    type: int
    default: 0
  require_bucket:
    description: With V(held), whether a missing bucket is an error. If not, no lock is taken without a bucket.
    type: bool
    default: true
  holder:
    description: With V(released), the value of RV(holder) from when this run took the lock; null if it took none.
    type: dict
  controller:
    description: The process id of C(ansible-playbook), set by the action plugin of this module.
    type: int
  progress:
    description: A file to which lines about the wait are appended. The action plugin of this module sets it and shows the lines.
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
    description: How two runs are kept from taking the lock at once.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html
"""

EXAMPLES = r"""
- name: Show who holds the lock
  railyard.fargate.release_lock:
    bucket: shop-production-releases-123456789012
  register: shown

- name: Take the lock for this run
  railyard.fargate.release_lock:
    bucket: shop-production-releases-123456789012
    state: held
    requested_by: deborah
    reason: converging
    lock_timeout: 600
  register: held

- name: Release the lock before the end of the run
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
        - V(held) when its holder is alive, V(stale) after a minute without a heartbeat, V(dead) when the holder's process on this machine
          has ended, V(ended) when the holder is an execution of a pipeline and over, V(abandoned) when it was taken from its holder with
          work still to be finished.
        - The next run that needs the lock takes over all but V(held).
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
    execution:
      description: The execution of a pipeline that holds it; null where a process does.
      returned: always
      type: dict
      contains:
        pipeline:
          description: The name of the pipeline.
          returned: always
          type: str
        execution_id:
          description: The execution.
          returned: always
          type: str
        stage:
          description: The stage that holds it or, while C(process) is null, has held it last.
          returned: always
          type: str
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
    heartbeat_age_seconds:
      description: Seconds since the last heartbeat, by S3's clock.
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

from ..module_utils._codepipeline.own_execution import Ask, asking
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
        find=lambda client: lock.find(client, wanted["bucket"], _ask(module)),
        make_plan=lambda _client, live: lock.make_plan(wanted, live),
    )


def _ask(module: AnsibleAWSModule) -> Ask:
    """Few runs meet the lock of a pipeline."""
    return asking(lambda: aws_client(module, "codepipeline"))


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
            succeed(module, changed=False, **lock_process.hold(client, wanted, to_file(wanted["progress"]), _ask(module)))
        lock_process.let_go(client, wanted)
    except RailyardError as error:
        fail(module, error)
    succeed(module, changed=False, lock=None)


if __name__ == "__main__":
    main()
