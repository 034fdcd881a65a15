#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: codebuild_debug_session
version_added: 0.1.0
short_description: Enter a build of a pipeline that has failed
description:
  - Begins a build of CodeBuild again with the source, the image, the commands and the variables that it had, pauses it before the command
    that failed, and connects a shell in it to the terminal of the playbook. Keys, colours, terminal size and Ctrl-C are passed on.
  - The build is stopped at the end, on errors, on Ctrl-C, when the terminal is closed and when C(ansible-playbook) is killed. After a crash
    of the machine, the next run stops what is left, and AWS ends it after O(minutes).
  - It is a debug build, no sandbox of CodeBuild, because a sandbox has the source of its project, and a project of a pipeline has none. It
    leaves no artifacts. What its commands push they push, if the person lets the build go on with C(codebuild-resume).
  - Only builds of CodeBuild on Linux can be entered. The commands of an action C(Commands) of CodePipeline run where no session leads.
  - The role of the build needs C(ssmmessages) (see U(https://docs.aws.amazon.com/codebuild/latest/userguide/session-manager.html)).
  - Needs a terminal. Without one it fails before it starts anything.
  - Uses C(session-manager-plugin) if it is on the PATH, and otherwise a client of its own, which needs the Python library C(websockets).
  - No upstream module starts builds or opens sessions.
options:
  pipeline:
    description: Name of the pipeline.
    type: str
    required: true
  execution_id:
    description: The execution whose build is meant. By default the newest of which a build has failed.
    type: str
  stage:
    description: The stage whose build is meant, also where it has not failed. By default the build that failed.
    type: str
  minutes:
    description: Minutes after which AWS ends the build, 5 to 2160.
    type: int
    default: 60
  requested_by:
    description: Who enters it. Stored in a variable of the build.
    type: str
    required: true
  client:
    description:
      - With V(auto) C(session-manager-plugin) opens the session where it is on the PATH and can be run; otherwise, and with V(own), the
        client of this collection does, which needs the Python library C(websockets).
    type: str
    choices: [auto, own]
    default: auto
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: Runs on the controller, where the terminal is.
    support: full
  action_group:
    description: Takes the defaults of C(module_defaults) for this group.
    support: full
    membership: [railyard.fargate.aws]
  async:
    description: A terminal waits for nobody.
    support: none
  bypass_host_loop:
    description: There is one terminal, and so one session.
    support: full
  check_mode:
    description: Says which build would be begun again, where it would pause and what it would cost.
    support: full
  diff_mode:
    description: There is nothing to compare.
    support: none
seealso:
  - module: railyard.fargate.codepipeline_execution_info
  - module: railyard.fargate.codebuild_build_info
  - module: railyard.fargate.console
"""

EXAMPLES = r"""
- name: See why the image could not be built
  railyard.fargate.codebuild_debug_session:
    pipeline: shop-production
    requested_by: deborah
"""

RETURN = r"""
failed_build:
  description: Id of the build that was begun again.
  returned: success
  type: str
  sample: shop-production-build:0b5a7c1e-3f7f-4b1c-9d0b-1f4f4f1f4f1f
source:
  description: Bucket and key of its source.
  returned: success
  type: str
phase:
  description: The phase in which the new build pauses.
  returned: success
  type: str
  sample: BUILD
command:
  description: The command before which it pauses, the one that failed. Empty where none of the commands has failed.
  returned: success
  type: str
build:
  description: Id of the new build, which has been stopped. Null in check mode, and where it had ended by itself.
  returned: success
  type: str
ended:
  description: What ended the session. Null in check mode.
  returned: success
  type: str
cost:
  description: What the new build has cost, in USD. Null where it is not known.
  returned: success
  type: float
"""
