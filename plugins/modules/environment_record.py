#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: environment_record
version_added: 0.1.0
short_description: Record what a converge has left, for a later comparison
description:
  - Writes every resource that the modules of this run have returned into C(converged.json) in the environment's bucket. With it,
    M(railyard.fargate.environment_drift_info) tells what was changed in AWS from what was changed in the inventory.
  - The record holds no secrets, and no fields that change by themselves. It is not a part of the environment, so that writing it is no
    change. Nothing is written if it says the same already.
  - No module of amazon.aws or community.aws keeps what a run has done.
options:
  bucket:
    description: The environment's bucket.
    type: str
    required: true
  requested_by:
    description: Who has converged the environment.
    type: str
    default: ''
  resources:
    description: The resources. By default, those of this run that C(railyard.fargate.plans) has kept; without it nothing is recorded.
    type: list
    elements: dict
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes
seealso:
  - module: railyard.fargate.environment_drift_info
"""

EXAMPLES = r"""
- name: Record what this run has left
  railyard.fargate.environment_record:
    bucket: shop-production-releases-123456789012
    requested_by: "{{ preflight_result.requested_by }}"
"""

RETURN = r"""
record:
  description: The record, without the resources.
  returned: when this run has kept resources
  type: dict
  contains:
    at:
      description: When it was written first with these resources, in UTC.
      returned: always
      type: str
      sample: "2026-11-30T09:12:44+00:00"
    requested_by:
      description: Who has converged the environment then.
      returned: always
      type: str
    resources:
      description: How many resources it has.
      returned: always
      type: int
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.errors import RailyardError
from ..module_utils._drift import record
from ..module_utils._module import aws_client, fail, succeed

SPEC = {
    "bucket": {"type": "str", "required": True},
    "requested_by": {"type": "str", "default": ""},
    "resources": {"type": "list", "elements": "dict"},
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    bucket, resources = module.params["bucket"], module.params["resources"]
    if not resources:
        succeed(module, changed=False)
    client = aws_client(module, "s3")
    new = record.make(resources, module.params["requested_by"])
    try:
        live = record.read(client, bucket)
        written = not module.check_mode and record.write(client, bucket, new, live)
    except RailyardError as error:
        fail(module, error)
    known = new if written or not live else live
    succeed(module, changed=False, record={"at": known["at"], "requested_by": known["requested_by"], "resources": len(known["resources"])})


if __name__ == "__main__":
    main()
