# Copyright: Railyard contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The providers of actions: what each needs, and how many artifacts it takes and makes.

https://docs.aws.amazon.com/codepipeline/latest/userguide/actions-valid-providers.html, and of each the page action-reference-… (CP-6, CP-7)
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """`required` keys of the configuration; least and most artifacts in and out."""

    required: tuple[str, ...] = ()
    inputs: tuple[int, int] = (0, 5)
    outputs: tuple[int, int] = (0, 5)
    v2_only: bool = False


DEPLOY_TO_ECS = "CodeDeployToECS"
COMMANDS = "Commands"
ECS = "ECS"
MANUAL = "Manual"
# By category and provider, of the owner AWS.
KNOWN: dict[tuple[str, str], Provider] = {
    ("Source", "CodeStarSourceConnection"): Provider(("ConnectionArn", "FullRepositoryId", "BranchName"), (0, 0), (1, 1)),
    ("Source", "ECR"): Provider(("RepositoryName",), (0, 0), (1, 1)),
    ("Source", "S3"): Provider(("S3Bucket", "S3ObjectKey"), (0, 0), (1, 1)),
    ("Source", "CodeCommit"): Provider(("RepositoryName", "BranchName"), (0, 0), (1, 1)),
    ("Build", "CodeBuild"): Provider(("ProjectName",), (1, 5), (0, 5)),
    ("Test", "CodeBuild"): Provider(("ProjectName",), (1, 5), (0, 5)),
    ("Build", "ECRBuildAndPublish"): Provider(("ECRRepositoryName",), (1, 1), (0, 1), v2_only=True),
    ("Compute", COMMANDS): Provider((), (1, 10), (0, 1), v2_only=True),
    ("Approval", MANUAL): Provider((), (0, 0), (0, 0)),
    ("Deploy", DEPLOY_TO_ECS): Provider(
        ("ApplicationName", "DeploymentGroupName", "TaskDefinitionTemplateArtifact", "AppSpecTemplateArtifact"), (1, 5), (0, 0)
    ),
    ("Deploy", ECS): Provider(("ClusterName", "ServiceName"), (1, 1), (0, 0)),
    ("Deploy", "CodeDeploy"): Provider(("ApplicationName", "DeploymentGroupName"), (1, 1), (0, 0)),
    ("Deploy", "S3"): Provider(("BucketName", "Extract"), (1, 1), (0, 0)),
    ("Deploy", "CloudFormation"): Provider(("ActionMode", "StackName"), (0, 10), (0, 1)),
    ("Deploy", "EKS"): Provider(("ClusterName",), (1, 1), (0, 0), v2_only=True),
    ("Invoke", "Lambda"): Provider(("FunctionName",), (0, 5), (0, 5)),
    ("Invoke", "StepFunctions"): Provider(("StateMachineArn",), (0, 1), (0, 1)),
    ("Invoke", "CodePipeline"): Provider(("PipelineName",), (0, 0), (0, 0), v2_only=True),
}
# Providers whose last part of the configuration is keyed by AWS in many ways, or that this table does not know, are left to AWS.
CATEGORIES_OF = {name: sorted(category for category, other in KNOWN if other == name) for _category, name in KNOWN}
