#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_drift_info
version_added: 0.1.0
short_description: Compare what is declared, last converged and live
description:
  - Says which fields of an environment's resources a converge would change, beside what the last converge has left, and which fields it
    leaves to their owners - the deployer, the scaler, AWS. Nothing is written.
  - What is compared are the plans of all modules that this run has run in check mode. There is no second list of resources and fields.
  - Modules of amazon.aws and community.aws show a difference each, some of them none, and know neither the last converge nor owners.
options:
  bucket:
    description: The environment's bucket, in which M(railyard.fargate.environment_record) has recorded the last converge.
    type: str
    required: true
  events:
    description:
      - Also search CloudTrail for who has changed what drifted. Its events are about a quarter of an hour late and kept for 90 days; it
        answers two requests a second, and at most a thousand writes are looked at.
    type: bool
    default: false
  resources:
    description: The plans. By default, those of this run that C(railyard.fargate.plans) has kept.
    type: list
    elements: dict
  refused:
    description: Tasks that have failed, with C(task) and C(message). By default, those of this run.
    type: list
    elements: dict
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.environment_record
  - name: CloudTrail, LookupEvents
    description: Events, their age and how often they may be asked for.
    link: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
"""

EXAMPLES = r"""
- name: Compare
  railyard.fargate.environment_drift_info:
    bucket: shop-production-releases-123456789012
    events: true
  register: compared
"""

RETURN = r"""
drift:
  description: What was compared, and what differs.
  returned: always
  type: dict
  contains:
    result:
      description: V(none), or V(drift) when a converge would change or refuse something.
      returned: always
      type: str
    compared:
      description: How many resources were compared.
      returned: always
      type: int
    last_converged:
      description: When the last converge has left something new and who ran it, C(at) and C(requested_by); null before the first record.
      returned: always
      type: dict
    resources:
      description: Resources that a converge would change.
      returned: always
      type: list
      elements: dict
      contains:
        kind:
          description: Its kind, after AWS's service.
          returned: always
          type: str
          sample: ec2 security group
        name:
          description: Its name.
          returned: always
          type: str
          sample: shop-production-app
        change:
          description: What a converge would do, V(create), V(update) or V(delete).
          returned: always
          type: str
        fields:
          description: The fields that differ, with C(field), C(declared), C(last_converged), C(live) and C(cause).
          returned: always
          type: list
          elements: dict
        operations:
          description: What a converge would ask AWS for. Those for several resources at once stand with the first of them.
          returned: always
          type: list
          elements: str
        events:
          description: The newest writes that name it, with C(operation), C(at), C(by) and C(through); empty without O(events).
          returned: always
          type: list
          elements: dict
    kept:
      description: Fields that have changed since the last converge, or wait for a release, and that a converge leaves to their C(owner).
      returned: always
      type: list
      elements: dict
    refused:
      description: Why a converge would fail, by C(task) and C(message). What comes after such a task may be missing here.
      returned: always
      type: list
      elements: dict
    all_events:
      description: Whether all writes since the last converge were looked at; null without O(events).
      returned: always
      type: bool
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core import aws
from ..module_utils._drift import compare, events, record
from ..module_utils._module import aws_client, connect, report

SPEC = {
    "bucket": {"type": "str", "required": True},
    "events": {"type": "bool", "default": False},
    "resources": {"type": "list", "elements": "dict"},
    "refused": {"type": "list", "elements": "dict"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    bucket = module.params["bucket"]
    report(module, "s3", "drift", lambda client: _look(module, record.read(client, bucket)))


def _look(module: AnsibleAWSModule, recorded: dict[str, Any] | None) -> dict[str, Any]:
    collected, refused = module.params["resources"] or [], module.params["refused"] or []
    drifted, kept = compare.compare(collected, recorded["resources"] if recorded else None)
    complete = None
    if module.params["events"] and drifted:
        found, complete = _events(module, drifted, recorded)
        events.assign(drifted, collected, found)
    return {
        "result": compare.DRIFT if drifted or refused else compare.NONE,
        "compared": len(collected),
        "last_converged": {"at": recorded["at"], "requested_by": recorded["requested_by"]} if recorded else None,
        "resources": drifted,
        "kept": kept,
        "refused": refused,
        "all_events": complete,
    }


def _events(module: AnsibleAWSModule, drifted: list[compare.Drifted], recorded: dict[str, Any] | None) -> tuple[list[dict[str, Any]], bool]:
    """Writes in the Regions in which services keep theirs, the newest first."""
    own = aws_client(module, "cloudtrail")
    others = {events.GLOBAL[service] for one in drifted if (service := one["kind"].split()[0]) in events.GLOBAL}
    clients = [own, *(connect(module, "cloudtrail", region) for region in sorted(others - {own.meta.region_name}))]
    since = recorded["at"] if recorded else None
    answers = aws.concurrently(lambda client: events.find(client, since), clients)
    found = [event for some, _complete in answers for event in some]
    return sorted(found, key=lambda event: event["at"], reverse=True), all(complete for _some, complete in answers)


if __name__ == "__main__":
    main()
