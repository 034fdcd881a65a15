#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: rds_instance
version_added: 0.1.0
short_description: Keep a database instance whose password nobody sees
description:
  - Starts, changes and deletes an Amazon RDS database instance. It does not wait for the end of that; M(amazon.aws.rds_instance_info) shows
    the status. What RDS is still busy with, when something else is to be changed, is awaited first.
  - M(amazon.aws.rds_instance) takes the master password from a variable, asks for a change on every run when the version is declared as
    C(17) and 17.4 is running, fails while an instance is being created, and has no diff. This module reads the password from
    Parameter Store itself, and only when it creates the instance.
  - Changes that RDS holds back for the maintenance window count as done.
  - What RDS changes by itself within its bounds is kept - storage that has grown, up to O(max_allocated_storage) or the limit that the
    instance has, and a later version. RV(kept) names it. After a major upgrade, by RDS at the end of support or by a person, the instance
    also keeps its parameter group until O(engine_version) says the same.
options:
  db_instance_identifier:
    description: Name of the instance.
    type: str
    required: true
  state:
    description: Whether the instance exists.
    type: str
    choices: [present, absent]
    default: present
  engine:
    description: The database engine, C(postgres) for example. It cannot change.
    type: str
  engine_version:
    description:
      - C(17) means any version 17, so that minor upgrades by RDS are no difference. C(17.4) means 17.4 or a later 17.
      - A major upgrade is refused.
    type: str
  db_instance_class:
    description: Size of the machine, C(db.t4g.small) for example.
    type: str
  allocated_storage:
    description: GiB of storage. It never shrinks, grows by a tenth at least, and not again within six hours.
    type: int
  max_allocated_storage:
    description: GiB up to which RDS may grow the storage by itself. Absent leaves the limit as it is.
    type: int
  storage_type:
    description: Kind of storage.
    type: str
  storage_encrypted:
    description: Whether storage, snapshots and backups are encrypted. It cannot change.
    type: bool
    default: true
  kms_key_id:
    description: The KMS key of the encryption. Absent means RDS's own. It cannot change.
    type: str
  db_name:
    description: Name of the database that is made in a new instance. It cannot change.
    type: str
  master_username:
    description: Name of the user who owns the database. It cannot change.
    type: str
  password_parameter:
    description: Name of the SecureString in Parameter Store that holds the password. Read only when the instance is created.
    type: str
  port:
    description: Port of a new instance. Absent means the engine's own.
    type: int
  db_subnet_group_name:
    description: The subnet group that says where the instance is. It cannot change.
    type: str
  db_parameter_group_name:
    description: The parameter group.
    type: str
  vpc_security_group_ids:
    description: The security groups. Others are taken away.
    type: list
    elements: str
  publicly_accessible:
    description: Whether the instance has a public address.
    type: bool
    default: false
  multi_az:
    description: Whether a standby runs in another availability zone.
    type: bool
  backup_retention_period:
    description: Days for which automated backups are kept, 0 to 35. V(0) switches them off.
    type: int
  deletion_protection:
    description: Whether AWS refuses to delete the instance. With O(state=absent), V(false) takes the protection away first.
    type: bool
  auto_minor_version_upgrade:
    description: Whether RDS installs minor versions in the maintenance window.
    type: bool
  copy_tags_to_snapshot:
    description: Whether snapshots get the instance's tags.
    type: bool
  preferred_backup_window:
    description: When backups are made, C(02:00-02:30) for example, UTC.
    type: str
  preferred_maintenance_window:
    description: When RDS may change the instance, C(sun:03:00-sun:03:30) for example, UTC.
    type: str
  enable_performance_insights:
    description: Whether Performance Insights collects what the database spends its time on.
    type: bool
  performance_insights_retention_period:
    description: Days for which that is kept. V(7) costs nothing.
    type: int
  engine_lifecycle_support:
    description:
      - What happens when the standard support of the major version ends. With V(open-source-rds-extended-support), AWS's default, the
        version stays, and RDS charges for it; with V(open-source-rds-extended-support-disabled) RDS upgrades it to a later one by itself.
    type: str
    choices: [open-source-rds-extended-support, open-source-rds-extended-support-disabled]
  enable_cloudwatch_logs_exports:
    description: Logs that go to CloudWatch. Others are switched off.
    type: list
    elements: str
  apply_immediately:
    description: Make changes that interrupt the database now, instead of in the maintenance window.
    type: bool
    default: false
  wait_timeout:
    description:
      - Seconds to wait, where something is to be changed, while the instance is busy with what ends by itself; while it is being created,
        for example.
    type: int
    default: 3600
  final_db_snapshot_identifier:
    description: With O(state=absent), the name of the snapshot that is made first.
    type: str
  skip_final_snapshot:
    description: With O(state=absent), delete the data for good.
    type: bool
    default: false
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
  - module: amazon.aws.rds_instance_info
  - module: railyard.fargate.ssm_secret
  - name: RDS API, CreateDBInstance
    description: What AWS accepts.
    link: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html
  - name: RDS API, ModifyDBInstance
    description: What AWS changes at once, and what in the maintenance window.
    link: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_ModifyDBInstance.html
"""

EXAMPLES = r"""
- name: Make the password once
  railyard.fargate.ssm_secret:
    name: /shop/production/DATABASE_PASSWORD
    generate: true

- name: Start the database
  railyard.fargate.rds_instance:
    db_instance_identifier: shop-production
    engine: postgres
    engine_version: "17"
    db_instance_class: db.t4g.small
    allocated_storage: 20
    db_name: shop
    master_username: rails
    password_parameter: /shop/production/DATABASE_PASSWORD
    db_subnet_group_name: shop-production
    vpc_security_group_ids: [sg-0123456789abcdef0]
    deletion_protection: true

- name: Delete it, and keep its data in a snapshot
  railyard.fargate.rds_instance:
    db_instance_identifier: shop-production
    state: absent
    deletion_protection: false
    final_db_snapshot_identifier: shop-production-final
"""

RETURN = r"""
instance:
  description: The instance; null when there is none.
  returned: always
  type: dict
  contains:
    db_instance_identifier:
      description: Its name.
      returned: always
      type: str
      sample: shop-production
    db_instance_arn:
      description: Its ARN.
      returned: when it exists, not predicted in check mode
      type: str
    db_instance_status:
      description: What it is doing, C(creating) or C(available) for example.
      returned: always
      type: str
    engine:
      description: The engine.
      returned: when it exists
      type: str
    engine_version:
      description: The version that runs.
      returned: when it exists
      type: str
    db_instance_class:
      description: Size of the machine.
      returned: when it exists
      type: str
    allocated_storage:
      description: GiB of storage.
      returned: when it exists
      type: int
    max_allocated_storage:
      description: GiB up to which RDS may grow it; null when it may not.
      returned: when it exists
      type: int
    iops:
      description: Input and output operations a second of its storage; null where storage has no speed of its own.
      returned: when it exists, not predicted in check mode
      type: int
    storage_throughput:
      description: MiB a second of its storage; null where storage has no speed of its own.
      returned: when it exists, not predicted in check mode
      type: int
    storage_type:
      description: Kind of storage.
      returned: when it exists
      type: str
    storage_encrypted:
      description: Whether it is encrypted.
      returned: when it exists
      type: bool
    kms_key_id:
      description: With which key.
      returned: when it exists
      type: str
    multi_az:
      description: Whether there is a standby.
      returned: when it exists
      type: bool
    db_name:
      description: Name of the database.
      returned: when it exists
      type: str
    master_username:
      description: Who owns it.
      returned: when it exists
      type: str
    endpoint:
      description: Where it listens; null until it has been created.
      returned: always
      type: dict
      contains:
        address:
          description: Host name.
          returned: always
          type: str
        port:
          description: Port.
          returned: always
          type: int
    db_subnet_group_name:
      description: Its subnet group.
      returned: when it exists
      type: str
    db_parameter_group_name:
      description: Its parameter group.
      returned: when it exists
      type: str
    vpc_security_group_ids:
      description: Its security groups.
      returned: when it exists
      type: list
      elements: str
    publicly_accessible:
      description: Whether it has a public address.
      returned: when it exists
      type: bool
    backup_retention_period:
      description: Days for which backups are kept.
      returned: when it exists
      type: int
    deletion_protection:
      description: Whether it is protected.
      returned: when it exists
      type: bool
    auto_minor_version_upgrade:
      description: Whether minor versions are installed by RDS.
      returned: when it exists
      type: bool
    copy_tags_to_snapshot:
      description: Whether snapshots get its tags.
      returned: when it exists
      type: bool
    preferred_backup_window:
      description: When backups are made.
      returned: when it exists
      type: str
    preferred_maintenance_window:
      description: When RDS may change it.
      returned: when it exists
      type: str
    enable_performance_insights:
      description: Whether Performance Insights is on.
      returned: when it exists
      type: bool
    performance_insights_retention_period:
      description: Days for which that is kept.
      returned: when it exists
      type: int
    enable_cloudwatch_logs_exports:
      description: Logs that go to CloudWatch.
      returned: when it exists
      type: list
      elements: str
    engine_lifecycle_support:
      description: Whether it is enrolled in Extended Support.
      returned: when it exists
      type: str
    pending_modified_values:
      description: Changes that wait for the maintenance window, without a password.
      returned: always
      type: dict
    tags:
      description: Its tags.
      returned: always
      type: dict
kept:
  description: What RDS has changed by itself and is kept, by option, with what is declared and what is there.
  returned: when it exists
  type: dict
  sample: {allocated_storage: {declared: 20, live: 26}}
"""

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core.plan import Secret
from ..module_utils._module import STATE, TAGS, aws_client, converge
from ..module_utils._rds import instance
from ..module_utils._ssm import secret

TEXTS = """engine engine_version db_instance_class storage_type kms_key_id db_name master_username db_subnet_group_name
    db_parameter_group_name preferred_backup_window preferred_maintenance_window final_db_snapshot_identifier"""
NUMBERS = "allocated_storage max_allocated_storage port backup_retention_period performance_insights_retention_period"
SWITCHES = "multi_az deletion_protection auto_minor_version_upgrade copy_tags_to_snapshot enable_performance_insights"
EXTENDED = "open-source-rds-extended-support"
SPEC = {
    "db_instance_identifier": {"type": "str", "required": True},
    "state": STATE,
    **{name: {"type": "str"} for name in TEXTS.split()},
    **{name: {"type": "int"} for name in NUMBERS.split()},
    **{name: {"type": "bool"} for name in SWITCHES.split()},
    "engine_lifecycle_support": {"type": "str", "choices": [EXTENDED, f"{EXTENDED}-disabled"]},
    "password_parameter": {"type": "str", "no_log": False},
    "storage_encrypted": {"type": "bool", "default": True},
    "publicly_accessible": {"type": "bool", "default": False},
    "vpc_security_group_ids": {"type": "list", "elements": "str"},
    "enable_cloudwatch_logs_exports": {"type": "list", "elements": "str"},
    "wait_timeout": {"type": "int", "default": 3600},
    "apply_immediately": {"type": "bool", "default": False},
    "skip_final_snapshot": {"type": "bool", "default": False},
    **TAGS,
}


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = module.params
    wanted["db_instance_identifier"] = wanted["db_instance_identifier"].lower()
    name = wanted["password_parameter"]
    password = Secret(lambda: secret.read(aws_client(module, "ssm"), [name], module.no_log_values.add)[name])
    find = instance.find_settled if not module.check_mode else lambda client, _at: instance.find(client, wanted["db_instance_identifier"])
    converge(
        module,
        "rds",
        "instance",
        find=lambda client: find(client, wanted),
        make_plan=lambda client, live: instance.make_plan(client, wanted, live, password),
    )


if __name__ == "__main__":
    main()
