#!/usr/bin/python
# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
module: logs_lines
version_added: 0.1.0
short_description: Show an environment's log lines at the terminal, as they come or of a time
description:
  - Shows lines of all processes in the order of their time, with the task and the release that each is of. Lines of JSON are shown as
    level, request, status, duration and message. Control characters and escape sequences are made visible.
  - While lines are followed none is lost and none is shown twice, also those that CloudWatch Logs gets late, which are marked with C(*).
    At most three calls a second are made, whatever the number of log groups; AWS allows five in an account. Ctrl-C ends the following, and
    the run goes on.
  - A line that comes more than a minute after its time is promised only where lines are late so often.
  - No upstream module reads log lines. For the tasks of a playbook there is M(railyard.fargate.logs_events_info).
options:
  names:
    description: The environment's names, as P(railyard.fargate.names#lookup) returns them.
    type: dict
    required: true
  processes:
    description: Names of processes; V(run) is one-off tasks. By default all but V(console).
    type: list
    elements: str
    default: []
  task:
    description: Only tasks whose id begins like this.
    type: str
    default: ''
  stopped:
    description: Only the task that has stopped last, as long as ECS knows it, which is about an hour.
    type: bool
    default: false
  request:
    description: Only lines in which this request id is.
    type: str
    default: ''
  match:
    description: Only lines that match this filter pattern of CloudWatch Logs, as V(ERROR), V("order 17") or V({ $.status >= 500 }).
    type: str
    default: ''
  since:
    description:
      - From when, as V(10m), V(yesterday), V(14:00) or V(2026-11-30 14:00). By default two minutes ago, or a day without O(follow).
    type: str
    default: ''
  to:
    description: Until when, in the same words. By default now, or the end of the day that O(since) names.
    type: str
    default: ''
  follow:
    description: Go on with lines as they come, until Ctrl-C.
    type: bool
    default: true
  limit:
    description: How many lines at most without O(follow), the first ones; V(0) is all.
    type: int
    default: 1000
  format:
    description: Readable, as they were written, or one JSON object a line.
    type: str
    choices: [text, raw, json]
    default: text
  width:
    description: Cut rows at so many characters; V(0) leaves them whole.
    type: int
    default: 0
  output:
    description: A file of the controller to write them to, instead of showing them.
    type: path
  releases:
    description: Records of releases, by which tasks have a number, as M(railyard.fargate.releases_info) returns them.
    type: list
    elements: dict
    default: []
author:
  - Railyard contributors (@railyard)
extends_documentation_fragment:
  - amazon.aws.common.modules
  - amazon.aws.region.modules
  - amazon.aws.boto3
attributes:
  action:
    description: Runs on the controller.
    support: full
  check_mode:
    description: Changes nothing, and shows in check mode as well.
    support: full
seealso:
  - module: railyard.fargate.logs_events_info
  - module: railyard.fargate.logs_query
  - name: CloudWatch Logs API, FilterLogEvents
    description: What AWS promises.
    link: https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
"""

EXAMPLES = r"""
- name: Follow all processes
  railyard.fargate.logs_lines:
    names: "{{ lookup('railyard.fargate.names') }}"

- name: Errors of the last hour
  railyard.fargate.logs_lines:
    names: "{{ lookup('railyard.fargate.names') }}"
    processes: [web]
    match: '{ $.status >= 500 }'
    since: 1h
    follow: false
"""

RETURN = r"""
lines:
  description: How many lines were shown.
  returned: success
  type: int
more:
  description: Whether there are more than were shown.
  returned: success
  type: bool
"""
