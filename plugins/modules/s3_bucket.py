#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: s3_bucket
version_added: 0.1.0
short_description: Keep a private S3 bucket
description:
  - Keeps a bucket that is private in every way. All public access is blocked, access control lists are off, everything is encrypted,
    and a policy refuses requests without TLS. None of this can be turned off.
  - M(amazon.aws.s3_bucket) has no check mode and no diff, and community.aws keeps lifecycle rules in a module without check mode.
  - Policy, lifecycle rules and encryption are replaced by what is declared here.
options:
  name:
    description: Name of the bucket, 3 to 63 lower-case characters, unique among all accounts of AWS.
    type: str
    required: true
  state:
    description: Whether the bucket exists.
    type: str
    choices: [present, absent]
    default: present
  force:
    description: With O(state=absent), delete all objects and all their versions first. Otherwise a bucket that holds objects is an error.
    type: bool
    default: false
  versioning:
    description: Whether earlier versions of an object are kept.
    type: bool
    default: true
  kms_key_id:
    description:
      - ARN of a KMS key. Without it S3's own keys are used (AES256).
      - Elastic Load Balancing delivers access logs only to buckets without a KMS key.
    type: str
  policy_statements:
    description:
      - Statements of the bucket's policy besides the one that demands TLS, in AWS's own shape. See the examples for load balancers' logs.
    type: list
    elements: dict
    default: []
  expire_days:
    description: Days after which an object is deleted. Absent means never.
    type: int
  noncurrent_days:
    description: Days after which an earlier version of an object is deleted.
    type: int
    default: 90
  incomplete_upload_days:
    description: Days after which the parts of an upload that was never finished are deleted.
    type: int
    default: 7
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - amazon.aws.tags
  - railyard.fargate.tags
  - railyard.fargate.attributes
seealso:
  - module: amazon.aws.s3_bucket_info
  - name: Blocking public access to your Amazon S3 storage
    description: What is blocked.
    link: https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html
  - name: Access logs for your Application Load Balancer
    description: The statement that lets a load balancer write its logs.
    link: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
"""

EXAMPLES = r"""
- name: Make a bucket for the access logs of a load balancer
  railyard.fargate.s3_bucket:
    name: shop-production-logs-123456789012
    expire_days: 365
    policy_statements:
      - Sid: LoadBalancerLogs
        Effect: Allow
        Principal:
          Service: logdelivery.elasticloadbalancing.amazonaws.com
        Action: s3:PutObject
        Resource: arn:aws:s3:::shop-production-logs-123456789012/AWSLogs/123456789012/*
    tags:
      application: shop
  register: logs

- name: See what a change would do
  railyard.fargate.s3_bucket:
    name: shop-production-logs-123456789012
    expire_days: 90
  check_mode: true
  diff: true

- name: Delete it with everything in it
  railyard.fargate.s3_bucket:
    name: shop-production-logs-123456789012
    state: absent
    force: true
"""

RETURN = r"""
bucket:
  description: The bucket; null after its deletion.
  returned: always
  type: dict
  contains:
    name:
      description: Its name.
      returned: when it exists
      type: str
      sample: shop-production-logs-123456789012
    arn:
      description: Its ARN.
      returned: when it exists
      type: str
      sample: arn:aws:s3:::shop-production-logs-123456789012
    region:
      description: The Region it is in.
      returned: when it exists
      type: str
      sample: eu-west-1
    public_access_blocked:
      description: Whether all four kinds of public access are blocked.
      returned: when it exists
      type: bool
    ownership:
      description: Who owns objects; V(BucketOwnerEnforced) means that there are no access control lists.
      returned: when it exists
      type: str
    versioning:
      description: Whether earlier versions are kept.
      returned: when it exists
      type: bool
    encryption:
      description: How objects are encrypted.
      returned: when it exists
      type: dict
      contains:
        algorithm:
          description: AES256 or aws:kms.
          returned: always
          type: str
        kms_key_id:
          description: The KMS key, null without one.
          returned: always
          type: str
    lifecycle:
      description: When objects are deleted.
      returned: when it exists
      type: dict
      contains:
        expire_days:
          description: Days after which an object is deleted; null means never.
          returned: always
          type: int
        noncurrent_days:
          description: Days after which an earlier version is deleted.
          returned: always
          type: int
        incomplete_upload_days:
          description: Days after which the parts of an unfinished upload are deleted.
          returned: always
          type: int
        other_rules:
          description: Number of lifecycle rules that are not of this module; it replaces them.
          returned: always
          type: int
    policy:
      description: The bucket's policy; null when it has none.
      returned: when it exists
      type: dict
    tags:
      description: Its tags.
      returned: when it exists
      type: dict
deleted_objects:
  description: Number of objects and versions that are deleted before the bucket.
  returned: with O(state=absent)
  type: int
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._module import STATE, TAGS, converge
from ..module_utils._s3 import bucket

SPEC = {
    "name": {"type": "str", "required": True},
    "state": STATE,
    "force": {"type": "bool", "default": False},
    "versioning": {"type": "bool", "default": True},
    "kms_key_id": {"type": "str"},
    "policy_statements": {"type": "list", "elements": "dict", "default": []},
    "expire_days": {"type": "int"},
    "noncurrent_days": {"type": "int", "default": 90},
    "incomplete_upload_days": {"type": "int", "default": 7},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    converge(
        module,
        "s3",
        "bucket",
        find=lambda client: bucket.find(client, wanted["name"], objects=wanted["state"] == "absent"),
        make_plan=lambda client, live: bucket.make_plan(client, wanted, live),
    )


if __name__ == "__main__":
    main()
