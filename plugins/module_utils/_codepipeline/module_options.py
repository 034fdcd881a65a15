# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options of the modules of CodePipeline."""

from __future__ import annotations

from typing import Any

Spec = dict[str, Any]
STRINGS: Spec = {"type": "list", "elements": "str"}
PATTERNS: Spec = {"type": "dict", "options": {"includes": STRINGS, "excludes": STRINGS}}
CATEGORIES = ["Source", "Build", "Test", "Deploy", "Approval", "Invoke", "Compute"]
VARIABLE: Spec = {
    "name": {"type": "str", "required": True},
    "value": {"type": "str", "required": True},
    "type": {"type": "str", "default": "PLAINTEXT"},
}
ACTION: Spec = {
    "name": {"type": "str", "required": True},
    "category": {"type": "str", "required": True, "choices": CATEGORIES},
    "provider": {"type": "str", "required": True},
    "owner": {"type": "str", "choices": ["AWS", "ThirdParty", "Custom"], "default": "AWS"},
    "version": {"type": "str", "default": "1"},
    "run_order": {"type": "int", "default": 1},
    "configuration": {"type": "dict"},
    "inputs": STRINGS,
    "outputs": {"type": "list", "elements": "raw"},
    "commands": STRINGS,
    "environment_variables": {"type": "list", "elements": "dict", "options": VARIABLE},
    "output_variables": STRINGS,
    "namespace": {"type": "str"},
    "role_arn": {"type": "str"},
    "region": {"type": "str"},
    "timeout_minutes": {"type": "int"},
}
STAGE: Spec = {
    "name": {"type": "str", "required": True},
    "actions": {"type": "list", "elements": "dict", "required": True, "options": ACTION},
    "before_entry": {"type": "dict"},
    "on_success": {"type": "dict"},
    "on_failure": {"type": "dict"},
}
PUSH: Spec = {"branches": PATTERNS, "tags": PATTERNS, "file_paths": PATTERNS}
PULL_REQUEST: Spec = {"events": {**STRINGS, "choices": ["OPEN", "UPDATED", "CLOSED"]}, "branches": PATTERNS, "file_paths": PATTERNS}
TRIGGER: Spec = {
    "source_action": {"type": "str", "required": True},
    "push": {"type": "list", "elements": "dict", "options": PUSH},
    "pull_request": {"type": "list", "elements": "dict", "options": PULL_REQUEST},
}
DECLARED: Spec = {"name": {"type": "str", "required": True}, "default_value": {"type": "str"}, "description": {"type": "str"}}
PIPELINE: Spec = {
    "name": {"type": "str", "required": True},
    "role_arn": {"type": "str"},
    "artifact_bucket": {"type": "str"},
    "encryption_key": {"type": "str", "no_log": False},
    "pipeline_type": {"type": "str", "choices": ["V1", "V2"], "default": "V2"},
    "execution_mode": {"type": "str", "choices": ["QUEUED", "SUPERSEDED", "PARALLEL"], "default": "QUEUED"},
    "stages": {"type": "list", "elements": "dict", "options": STAGE},
    "triggers": {"type": "list", "elements": "dict", "options": TRIGGER},
    "variables": {"type": "list", "elements": "dict", "options": DECLARED},
    "if_running": {"type": "str", "choices": ["wait", "refuse"], "default": "wait"},
    "wait_timeout": {"type": "int", "default": 3600},
    "validate": {"type": "bool", "default": True},
    "image_repository": {"type": "str"},
    "container_name": {"type": "str"},
    "container_port": {"type": "int"},
}
