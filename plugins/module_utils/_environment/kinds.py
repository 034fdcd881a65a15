# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How each kind of resource of an environment is named. Data."""

from __future__ import annotations

# Of what rules of EventBridge tell.
EVENTS = ("failed", "stage-failed", "succeeded", "stopped", "approval", "rolled-back")
# Names by kind, in AWS's words. What stands in braces is a member of Names, environment_name, or a text of its form.
KINDS: dict[str, tuple[str, ...]] = {
    "vpc": ("{vpc}",),
    "security group": ("{vpc}-alb", "{vpc}-app", "{vpc}-database"),
    "load balancer": ("{load_balancer}",),
    "target group": ("{load_balancer}-blue", "{load_balancer}-green"),
    "ecs cluster": ("{cluster}",),
    "ecs service": ("{cluster}/{process}",),
    "ecs task definition": ("{cluster}-{process}", "{cluster}-run", "{cluster}-console"),
    "scalable target": ("service/{cluster}/{process}",),
    "codedeploy application": ("{codedeploy}",),
    "codedeploy configuration": ("{codedeploy}-{shift}",),
    "database": ("{database}",),
    "database subnet group": ("{database}",),
    "database parameter group": ("{database}-{family}",),
    "database snapshot": ("{database}-final-{time}",),
    "image repository": ("{repository}", "{repository}-cache"),
    "pipeline": ("{pipeline}",),
    "connection": ("{pipeline}",),
    "build project": ("{pipeline}-build", "{pipeline}-test"),
    "role": (
        *("{cluster}-execution", "{cluster}-task", "{cluster}-infrastructure", "{codedeploy}-codedeploy", "{console}-console"),
        *("{pipeline}-pipeline", "{pipeline}-build", "{pipeline}-step", "{environment_name}-chat"),
    ),
    "log group": (
        *("{path}/{process}", "{path}/run", "{path}/console", "/aws/rds/instance/{database}/{log}"),
        *("/aws/codebuild/{pipeline}-build", "/aws/codebuild/{pipeline}-test", "/aws/codepipeline/{pipeline}"),
    ),
    "parameter": ("{path}/{secret}", "{path}/DATABASE_URL", "{path}/DATABASE_PASSWORD"),
    "session document": ("{console}-console", "{console}-forward"),
    "alarm": ("{environment_name}-{alarm}", "{environment_name}-tasks-{process}"),
    "dashboard": ("{environment_name}",),
    "event rule": tuple(f"{{environment_name}}-{event}" for event in EVENTS),
    "api destination": ("{environment_name}-chat",),
    "topic": ("{environment_name}-notifications",),
    "bucket": ("{bucket}", "{load_balancer}-alb-logs-{account_id}-{region}", "{pipeline}-artifacts-{account_id}"),
}
FORMS = {
    "alarm": "(?:5xx|elb-5xx|latency|unhealthy-blue|unhealthy-green|storage|database-cpu|connections|certificate|errors)",
    "process": "[a-z][a-z0-9-]*",
    "shift": "(?:canary|linear)-[0-9]+-[0-9]+",
    "family": "[a-z]+[0-9]+",
    "time": "[0-9]{14}",
    "log": "[a-z]+",
    "secret": "[A-Za-z0-9_.-]+",
}
# Only the processes that are declared: shop-local-two-web may be the web of another environment, local-two.
DECLARED_ONLY = {"ecs task definition"}
