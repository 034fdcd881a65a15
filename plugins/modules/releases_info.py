#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: releases_info
version_added: 0.1.0
short_description: Read the records of an environment's releases
description:
  - Reads which releases there have been, of which image, by whom, with which migrations and what became of them, and which migrations were
    run without a release.
  - AWS keeps deployments by engine, without commit, person and migrations, and no upstream module records releases.
options:
  bucket:
    description: The environment's bucket, C(<application>-<environment>-releases-<account id>), created by the role C(releases).
    type: str
    required: true
  number:
    description: Only the release with this number. When there is none the result is empty.
    type: int
  limit:
    description: How many releases to read at most, the newest ones; V(0) reads all.
    type: int
    default: 100
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.release_lock
"""

EXAMPLES = r"""
- name: What has been released?
  railyard.fargate.releases_info:
    bucket: shop-production-releases-123456789012
  register: history

- name: Show the last good one
  ansible.builtin.debug:
    msg: "{{ good | selectattr('kind', 'equalto', 'release') | first | default('none yet') }}"
  vars:
    good: "{{ history.releases | selectattr('status', 'equalto', 'succeeded') }}"

- name: Read one release
  railyard.fargate.releases_info:
    bucket: shop-production-releases-123456789012
    number: 12
"""

RETURN = r"""
releases:
  description: The releases, the newest first. What is not known, or not known yet, is null.
  returned: always
  type: list
  elements: dict
  contains:
    number:
      description: Its number; it rises by one.
      returned: always
      type: int
      sample: 12
    kind:
      description: V(release), or V(migration) for one that was run without a release; both have numbers of one series.
      returned: always
      type: str
      sample: release
    status:
      description: V(running), V(interrupted), V(succeeded), V(failed), V(rolled_back) or V(stopped).
      returned: always
      type: str
      sample: succeeded
    stage:
      description: The stage it is in, or was in last.
      returned: always
      type: str
    stages:
      description: When each stage was C(started) and C(finished), ISO 8601, by name.
      returned: always
      type: dict
      sample: {migrate: {started: "2026-01-31T09:00:02+00:00", finished: "2026-01-31T09:00:41+00:00"}}
    image:
      description: The image, by digest.
      returned: always
      type: str
      sample: shop@sha256:1111111111111111111111111111111111111111111111111111111111111111
    digest:
      description: The digest of the image.
      returned: always
      type: str
    commit:
      description: The commit of which the image was built.
      returned: always
      type: str
      sample: 0a1b2c3d4e5f60718293a4b5c6d7e8f901234567
    author:
      description: The author of the commit, where a pipeline has released it.
      returned: always
      type: str
    subject:
      description: The first line of the commit's message, where a pipeline has released it.
      returned: always
      type: str
    link:
      description: The address of the commit, where a pipeline has released it.
      returned: always
      type: str
    pipeline:
      description: The pipeline that has released it.
      returned: always
      type: str
    execution_id:
      description: The execution of the pipeline.
      returned: always
      type: str
      sample: 0a1b2c3d-1111-4222-8333-444455556666
    task_definitions:
      description: ARN of the task definition of each process.
      returned: always
      type: dict
      sample: {web: "arn:aws:ecs:eu-west-1:123456789012:task-definition/shop-production-web:7"}
    schema_before:
      description: Version of the database's schema before the release.
      returned: always
      type: str
    schema_after:
      description: Version of the database's schema after its migrations.
      returned: always
      type: str
    destructive_migrations:
      description: Versions of its migrations that drop or rename something, across which a rollback is refused.
      returned: always
      type: list
      elements: str
    destructive_migrations_unknown:
      description: Whether others than those in C(destructive_migrations) may have dropped or renamed something. It is so when it is not
        known what was run.
      returned: always
      type: bool
    token:
      description: Idempotence key of a migration without a release, by which a second attempt finds the first one.
      returned: always
      type: str
    requested_by:
      description: Who released it.
      returned: always
      type: str
    reason:
      description: The reason that was given for it.
      returned: always
      type: str
    back_to:
      description: The number of the release that this one returned to.
      returned: always
      type: int
    started_at:
      description: When it began, ISO 8601.
      returned: always
      type: str
    finished_at:
      description: When it ended, ISO 8601.
      returned: always
      type: str
    engine:
      description: V(codedeploy) or V(ecs).
      returned: always
      type: str
    deployment_id:
      description: The engine's deployment.
      returned: always
      type: str
    result:
      description: What became of it, in a sentence.
      returned: always
      type: str
"""

from typing import Any

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._codepipeline.own_execution import Ask, asking
from ..module_utils._module import aws_client, report
from ..module_utils._release import lock, record

SPEC = {
    "bucket": {"type": "str", "required": True},
    "number": {"type": "int"},
    "limit": {"type": "int", "default": 100},
}


def settled(client: Any, bucket: str, records: list[record.Record], ask: Ask) -> list[record.Record]:
    """A release that says it runs does so as long as the holder of the lock lives; one that has ended meanwhile is read again."""
    if not any(item["status"] == "running" for item in records):
        return records
    held = lock.find(client, bucket, ask)
    again = [record.find(client, bucket, item["number"]) if item["status"] == "running" else None for item in records]
    return record.settled([now.value if now else item for now, item in zip(again, records, strict=True)], held)


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    if wanted["limit"] < 0:
        module.fail_json(msg=f"limit is {wanted['limit']}; it must be 0, which reads all releases, or more")

    def find(client: Any) -> list[record.Record]:
        bucket, ask = wanted["bucket"], asking(lambda: aws_client(module, "codepipeline"))
        if wanted["number"] is None:
            return settled(client, bucket, record.recent(client, bucket, wanted["limit"]), ask)
        found = record.find(client, bucket, wanted["number"])
        return settled(client, bucket, [found.value] if found else [], ask)

    report(module, "s3", "releases", find)


if __name__ == "__main__":
    main()
