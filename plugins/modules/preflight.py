#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: preflight
version_added: 0.1.0
short_description: Check the inventory of an environment, and its account, before anything is written
description:
  - Checks every C(railyard_*) variable of a host for values that AWS would refuse later, and reports all problems at once - what is wrong,
    where in the inventory, and what would be right.
  - If there is no problem, checks in AWS to which account the credentials belong, whether the Region answers, and whether the declared
    secrets are SecureStrings in Parameter Store. Nothing is written and no secret is decrypted.
  - Ansible's own validation of roles stops at the first error, does not say in which file it is, and does not know the limits of AWS;
    M(amazon.aws.aws_caller_info) returns the caller but does not check it.
  - The variables themselves are described by C(ansible-doc -t role railyard.fargate.preflight).
options:
  account_id:
    description: The account to which the credentials must belong. By default C(railyard_account_id).
    type: str
  secrets:
    description:
      - Names of parameters by the environment variable that gets their value. By default those of C(railyard_secrets), under
        C(/<app>/<environment>/).
    type: dict
  chat:
    description: Name of the parameter with the secret of a chat. One that does not exist is a problem. By default that of the description.
    type: str
  store:
    description: The command that stores a secret, for messages. By default the playbook C(secret.yml) with this run's inventories.
    type: str
  cluster:
    description: The cluster in which C(web) runs. By default C(<app>-<environment>).
    type: str
  database:
    description:
      - The declared database. Changes that the existing database does not allow, and what the Region does not offer, are problems. V({}) is
        not checked. By default C(railyard_database) if secrets are checked, too.
    type: dict
  engine:
    description:
      - What is to deploy C(web); a change that AWS does not allow is a problem. V(any) is not checked; use it if nothing is deployed.
        By default C(railyard_engine), or V(codedeploy).
    type: str
    choices: [codedeploy, ecs, any]
  scope:
    description:
      - V(account) checks only the account, so that an environment with an invalid inventory can be deleted.
    type: str
    choices: [environment, account]
    default: environment
  image:
    description:
      - Digest of the first image of an environment. It must be in O(repository), unless an image is already live.
    type: str
  repository:
    description: Name of the repository of O(image).
    type: str
  policies:
    description:
      - Managed policies and permissions boundaries of roles, by ARN, with the variables that declare them. A policy that does not exist is
        a problem. By default those in the variables of roles.
    type: dict
  parts:
    description:
      - Names of the environment's resources, by kind. An existing resource without the tags of the environment is a problem. By default,
        with O(ownership=true), those of the inventory.
    type: dict
  application:
    description: Name of the application, the tag C(application). By default C(railyard_app).
    type: str
  environment:
    description: Name of the environment, the tag C(environment). By default C(railyard_environment).
    type: str
  cidr:
    description: Range of the VPC. By default C(railyard_cidr).
    type: str
  ownership:
    description: Search for resources of other owners with the names that the environment's resources will have.
    type: bool
    default: false
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
  - railyard.fargate.attributes.info
seealso:
  - module: railyard.fargate.ssm_secret
"""

EXAMPLES = r"""
- name: Check the inventory before anything is written
  railyard.fargate.preflight:
    region: "{{ railyard_region }}"
    profile: "{{ railyard_profile | default(omit) }}"
  register: preflight

- name: Say whose account it is
  ansible.builtin.debug:
    msg: "{{ preflight.caller_arn }} works in {{ preflight.account_id }}, {{ preflight.region }}"
"""

RETURN = r"""
account_id:
  description: The caller's account.
  returned: success
  type: str
  sample: "123456789012"
region:
  description: The Region that answered.
  returned: success
  type: str
  sample: eu-west-1
caller_arn:
  description: Who is calling.
  returned: success
  type: str
  sample: arn:aws:sts::123456789012:assumed-role/deployer/anna
requested_by:
  description: Who asks, for the lock, records and tags - the caller without account, and beside it C($USER) of the controller.
  returned: success
  type: str
  sample: assumed-role/deployer/anna by deborah
secrets:
  description: ARN and version of each declared secret, by the environment variable that gets its value.
  returned: success
  type: dict
  sample: {RAILS_MASTER_KEY: {arn: "arn:aws:ssm:eu-west-1:123456789012:parameter/shop/production/RAILS_MASTER_KEY", version: 2}}
secret_kms_key_arns:
  description: ARNs of the KMS keys that encrypt them, without AWS's own.
  returned: success
  type: list
  elements: str
roles:
  description: The environment's IAM roles that exist, without their policies, for O(railyard.fargate.iam_service_role#module:known).
  returned: success
  type: list
  elements: dict
build_projects:
  description: Names of the environment's build projects; null without O(ownership), and where the caller may not list them.
  returned: success
  type: list
  elements: str
topics:
  description: Names of the environment's topics; null without O(ownership), and where the caller may not list them.
  returned: success
  type: list
  elements: str
kept:
  description: What AWS has changed by itself within its bounds, and is kept, with what the inventory would say.
  returned: success
  type: list
  elements: dict
  contains:
    what:
      description: What was changed.
      returned: always
      type: str
    where:
      description: Where in the description.
      returned: always
      type: str
      sample: railyard_sizes.database.storage
    file:
      description: File of the inventory, relative to the current directory; null when Ansible does not say.
      returned: always
      type: str
    line:
      description: Line in the file.
      returned: always
      type: int
    right:
      description: What the inventory would say.
      returned: always
      type: str
      sample: "26"
problems:
  description: What is wrong.
  returned: failure
  type: list
  elements: dict
  contains:
    what:
      description: What is wrong.
      returned: always
      type: str
      sample: Fargate has no size with 512 CPU units and 600 MiB of memory
    where:
      description: Where in the description; empty when the fault is not in it.
      returned: always
      type: str
      sample: railyard_sizes.web.memory
    file:
      description: File of the inventory, relative to the current directory; null when Ansible does not say.
      returned: always
      type: str
      sample: inventories/prod/group_vars/production/main.yml
    line:
      description: Line in the file.
      returned: always
      type: int
      sample: 12
    right:
      description: What would be right, or what to type.
      returned: always
      type: str
      sample: "with cpu 512: 1024, 2048, 3072 or 4096"
"""

import os
from typing import Any

try:
    import botocore.session
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    # A person waits for the first word of AWS, who may have no way to it.
    QUICK = Config(connect_timeout=5, read_timeout=20, retries={"mode": "standard", "max_attempts": 4})
except ImportError:
    pass  # AnsibleAWSModule ends the module with what is missing before anything of it is used.

from ansible_collections.amazon.aws.plugins.module_utils.modules import AnsibleAWSModule

from ..module_utils._core import ownership
from ..module_utils._core.errors import RailyardError
from ..module_utils._environment import account, caller, report, taken
from ..module_utils._environment.problem import Problem
from ..module_utils._module import connect

# What chooses a profile where no option does.
PROFILES = ("AWS_PROFILE", "AWS_DEFAULT_PROFILE")
ANY = "any"
SPEC = {
    "account_id": {"type": "str"},
    "secrets": {"type": "dict", "no_log": False},  # Names, and no values.
    "chat": {"type": "str"},
    "store": {"type": "str"},
    "cluster": {"type": "str"},
    "image": {"type": "str"},
    "repository": {"type": "str"},
    "database": {"type": "dict"},
    "engine": {"type": "str", "choices": ["codedeploy", "ecs", ANY]},
    # The action of the same name looks at the description.
    "scope": {"type": "str", "choices": ["environment", "account"], "default": "environment"},
    "policies": {"type": "dict"},
    "parts": {"type": "dict"},
    "application": {"type": "str"},
    "environment": {"type": "str"},
    "cidr": {"type": "str"},
    "ownership": {"type": "bool", "default": False},
}


def _look(module: AnsibleAWSModule, wanted: account.Wanted) -> tuple[dict[str, object], list[Problem]]:
    try:
        # A session of boto3 does not begin where AWS_PROFILE names one that is not there.
        known = botocore.session.Session().available_profiles
    except BotoCoreError as error:
        refused = RailyardError(str(error))
        refused.__cause__ = error
        return {}, [account.refusal(refused, wanted, lambda service, region: None)]
    found = account.profile(wanted, known) if wanted.profile else []
    if found:
        return {}, found
    return account.look(lambda service, region: connect(module, service, region, config=QUICK), wanted)


def main() -> None:
    module = AnsibleAWSModule(argument_spec=SPEC, supports_check_mode=True)
    wanted = account.Wanted(
        account_id=module.params["account_id"] or "",
        region=module.region or "",
        secrets=module.params["secrets"] or {},
        profile=module.params["profile"] or "",
        chat=module.params["chat"] or "",
        store=module.params["store"] or "ansible-playbook railyard.fargate.secret",
        cluster=module.params["cluster"] or "",
        repository=module.params["repository"] or "",
        image=module.params["image"] or "",
        database=module.params["database"] or {},
        policies=module.params["policies"] or {},
        engine="" if module.params["engine"] in (None, ANY) else module.params["engine"],
        profile_from=next((name for name in PROFILES if module.params["profile"] and os.environ.get(name) == module.params["profile"]), ""),
    )
    known, found = _look(module, wanted)
    known |= {"roles": [], "build_projects": None, "topics": None}
    if not found and module.params["ownership"]:
        found, owned = taken.look(lambda service: connect(module, service, config=QUICK), _parts(module.params, wanted))
        known |= owned
    if found:
        # The action of the same name finds their places in the inventory.
        module.fail_json(
            msg=report.text("AWS", found, [None] * len(found)),
            problems=[{"what": one.what, "path": list(one.path), "right": one.right} for one in found],
        )
    known["requested_by"] = caller.requested_by(str(known["caller_arn"]), "")
    module.exit_json(changed=False, **known)


def _parts(params: dict[str, Any], wanted: account.Wanted) -> taken.Wanted:
    owner = ownership.of(params["application"] or "", params["environment"] or "")
    return taken.Wanted(owner, wanted.account_id, wanted.region, params["parts"] or {}, params["cidr"] or "")


if __name__ == "__main__":
    main()
