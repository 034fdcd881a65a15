"""Action types: AWS's own, and those that somebody has made. Rule types.

https://docs.aws.amazon.com/codepipeline/latest/userguide/reference-action-artifacts.html
https://docs.aws.amazon.com/codepipeline/latest/userguide/action-reference.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...registry import operation
from ...wire import Call, Refusal
from . import state

# category, owner, provider, how many artifacts go in and come out, keys of the configuration; `*`: required.
TEXT = """
Source AWS S3 0-0 1-1 S3Bucket* S3ObjectKey* PollForSourceChanges AllowOverrideForS3ObjectKey
Source AWS CodeCommit 0-0 1-1 RepositoryName* BranchName* PollForSourceChanges OutputArtifactFormat
Source AWS ECR 0-0 1-1 RepositoryName* ImageTag
Source AWS CodeStarSourceConnection 0-0 1-1 ConnectionArn* FullRepositoryId* BranchName* OutputArtifactFormat DetectChanges
Source ThirdParty GitHub 0-0 1-1 Owner* Repo* Branch* OAuthToken* PollForSourceChanges
Build AWS CodeBuild 1-5 0-5 ProjectName* PrimarySource BatchEnabled CombineArtifacts EnvironmentVariables
Build AWS ECRBuildAndPublish 1-1 0-1 ECRRepositoryName* DockerFilePath ImageTags RegistryType
Test AWS CodeBuild 1-5 0-5 ProjectName* PrimarySource BatchEnabled CombineArtifacts EnvironmentVariables
Test AWS DeviceFarm 1-1 0-0 ProjectId* DevicePoolArn* AppType* App* TestType* Test FuzzEventCount RecordVideo \
RecordAppPerformanceData RadioWifiEnabled
Deploy AWS S3 1-1 0-0 BucketName* Extract* ObjectKey KMSEncryptionKeyARN CannedACL CacheControl
Deploy AWS CloudFormation 0-10 0-1 ActionMode* StackName* ChangeSetName TemplatePath TemplateConfiguration Capabilities \
ParameterOverrides RoleArn OutputFileName
Deploy AWS CloudFormationStackSet 1-10 0-1 StackSetName* TemplatePath* PermissionModel Parameters Capabilities DeploymentTargets \
Regions Description OrganizationsAutoDeployment AdministrationRoleArn ExecutionRoleName FailureTolerancePercentage \
MaxConcurrentPercentage CallAs
Deploy AWS CloudFormationStackInstances 0-10 0-1 StackSetName* DeploymentTargets* Regions* ParameterOverrides \
FailureTolerancePercentage MaxConcurrentPercentage CallAs
Deploy AWS OpsWorks 1-1 0-0 Stack* App* Layer
Deploy AWS Lambda 1-1 0-0 FunctionName* FunctionAlias PublishVersion DeployStrategy Alarms
Deploy AWS CodeDeploy 1-1 0-0 ApplicationName* DeploymentGroupName*
Deploy AWS CodeDeployToECS 1-5 0-0 ApplicationName* DeploymentGroupName* TaskDefinitionTemplateArtifact* AppSpecTemplateArtifact* \
TaskDefinitionTemplatePath AppSpecTemplatePath Image1ArtifactName Image1ContainerName Image2ArtifactName Image2ContainerName \
Image3ArtifactName Image3ContainerName Image4ArtifactName Image4ContainerName
Deploy AWS ECS 1-1 0-0 ClusterName* ServiceName* FileName DeploymentTimeout
Deploy AWS EKS 1-1 0-0 ClusterName* EnvironmentVariables HelmReleaseName HelmChartLocation HelmValuesFiles ManifestFiles \
Namespace Subnets SecurityGroupIds
Deploy AWS EC2 1-1 0-0 InstanceTagKey* InstanceTagValue* InstanceType* TargetDirectory* PreScript PostScript MaxBatch MaxError \
TargetGroupNameList
Deploy AWS ElasticBeanstalk 1-1 0-0 ApplicationName* EnvironmentName*
Deploy AWS AppConfig 1-1 0-0 Application* Environment* ConfigurationProfile* InputArtifactConfigurationPath* DeploymentStrategy
Deploy AWS ServiceCatalog 1-1 0-0 ConfigurationFilePath ProductId TemplateFilePath ProductVersionName ProductType ProductVersionDescription
Deploy ThirdParty AlexaSkillsKit 1-2 0-0 ClientId* ClientSecret* RefreshToken* SkillId*
Invoke AWS Lambda 0-5 0-5 FunctionName* UserParameters
Invoke AWS StepFunctions 0-1 0-1 StateMachineArn* ExecutionNamePrefix InputType Input
Invoke AWS InspectorScan 0-1 0-1 InspectorRunMode* ECRRepositoryName ImageTag CriticalThreshold HighThreshold MediumThreshold LowThreshold
Invoke AWS CodePipeline 0-0 0-0 PipelineName* SourceRevisions Variables
Approval AWS Manual 0-0 0-0 NotificationArn CustomData ExternalEntityLink IsSummaryRequired
Compute AWS Commands 1-10 0-1 EnvironmentType ComputeType VpcId Subnets SecurityGroupIds
"""
# Those of AWS's types that only a V2 pipeline has.
V2 = (
    ("Compute", "Commands"),
    ("Build", "ECRBuildAndPublish"),
    ("Deploy", "EKS"),
    ("Deploy", "EC2"),
    ("Invoke", "InspectorScan"),
    ("Invoke", "CodePipeline"),
)
SECRET = ("OAuthToken", "ClientSecret", "RefreshToken")
RULES = {
    "CloudWatchAlarm": ("AlarmName*", "AlarmStates", "WaitTime"),
    "CodeBuild": ("ProjectName*", "PrimarySource", "EnvironmentVariables"),
    "Commands": ("EnvironmentType", "ComputeType", "VpcId", "Subnets", "SecurityGroupIds"),
    "DeploymentWindow": ("Cron*", "TimeZone"),
    "LambdaInvoke": ("FunctionName*", "UserParameters"),
    "VariableCheck": ("Variable*", "Value*", "Operator*"),
}


@dataclass(frozen=True)
class ActionType:
    """`inputs` and `outputs`: how many artifacts, at least and at most. `keys`: of the configuration, and whether each is required."""

    category: str
    owner: str
    provider: str
    version: str
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    keys: dict[str, bool]
    secret: tuple[str, ...] = ()

    @property
    def identity(self) -> tuple[str, str, str, str]:
        return self.category, self.owner, self.provider, self.version


def _range(text: str) -> tuple[int, int]:
    low, _, high = text.partition("-")
    return int(low), int(high)


def _keys(words: tuple[str, ...] | list[str]) -> dict[str, bool]:
    return {word.removesuffix("*"): word.endswith("*") for word in words}


def _read(line: str) -> ActionType:
    category, owner, provider, inputs, outputs, *words = line.split()
    keys = _keys(words)
    return ActionType(category, owner, provider, "1", _range(inputs), _range(outputs), keys, tuple(key for key in keys if key in SECRET))


OWN = {each.identity: each for each in (_read(line) for line in TEXT.strip().splitlines())}


def find(call: Call, identity: dict[str, str]) -> ActionType | None:
    """The type of an action's actionTypeId, AWS's or the account's."""
    key = (identity["category"], identity["owner"], identity["provider"], identity["version"])
    if identity["owner"] != "Custom":
        return OWN.get(key)
    kept = state.table(call, "action_types").get((identity["category"], identity["provider"], identity["version"]))
    return None if kept is None or kept["deleted"] else _custom(kept["type"])


def _custom(shape: dict[str, Any]) -> ActionType:
    """What somebody has made, as one of ours."""
    counts = [
        (shape[member]["minimumCount"], shape[member]["maximumCount"]) for member in ("inputArtifactDetails", "outputArtifactDetails")
    ]
    properties = shape.get("actionConfigurationProperties", [])
    keys = {each["name"]: bool(each["required"]) for each in properties}
    secret = tuple(each["name"] for each in properties if each["secret"])
    identity = shape["id"]
    return ActionType(identity["category"], "Custom", identity["provider"], identity["version"], counts[0], counts[1], keys, secret)


def _counts(pair: tuple[int, int]) -> dict[str, int]:
    return {"minimumCount": pair[0], "maximumCount": pair[1]}


def shape(kind: ActionType) -> dict[str, Any]:
    """AWS's ActionType."""
    identity = {"category": kind.category, "owner": kind.owner, "provider": kind.provider, "version": kind.version}
    properties = [
        {"name": name, "required": required, "key": required, "secret": name in kind.secret, "queryable": False}
        for name, required in kind.keys.items()
    ]
    counts = {"inputArtifactDetails": _counts(kind.inputs), "outputArtifactDetails": _counts(kind.outputs)}
    return {"id": identity, "settings": {}, "actionConfigurationProperties": properties, **counts}


@operation("codepipeline", "ListActionTypes")
def list_action_types(call: Call) -> dict[str, Any]:
    wanted = call.params.get("actionOwnerFilter")
    own = [shape(each) for each in OWN.values() if wanted in (None, each.owner)]
    made = [kept["type"] for kept in state.table(call, "action_types").values() if not kept["deleted"] and wanted in (None, "Custom")]
    return state.page(call, [*own, *made], "actionTypes")


@operation("codepipeline", "ListRuleTypes")
def list_rule_types(call: Call) -> dict[str, Any]:
    found = [
        {
            "id": {"category": "Rule", "owner": "AWS", "provider": provider, "version": "1"},
            "settings": {},
            "ruleConfigurationProperties": [
                {"name": name, "required": required, "key": required, "secret": False, "queryable": False}
                for name, required in _keys(list(words)).items()
            ],
            "inputArtifactDetails": {"minimumCount": 0, "maximumCount": 5 if provider in ("CodeBuild", "Commands") else 0},
        }
        for provider, words in RULES.items()
    ]
    return {"ruleTypes": found}


def rule_keys(provider: str) -> dict[str, bool] | None:
    """The keys of a rule's configuration, and whether each is required; None of an unknown rule."""
    return _keys(list(RULES[provider])) if provider in RULES else None


@operation("codepipeline", "CreateCustomActionType")
def create_custom_action_type(call: Call) -> dict[str, Any]:
    """CP-23: a version is used once, also when it was deleted since."""
    given = call.params
    key = (given["category"], given["provider"], given["version"])
    made = {
        "id": {"category": key[0], "owner": "Custom", "provider": key[1], "version": key[2]},
        "settings": given.get("settings", {}),
        "actionConfigurationProperties": given.get("configurationProperties", []),
        "inputArtifactDetails": given["inputArtifactDetails"],
        "outputArtifactDetails": given["outputArtifactDetails"],
    }
    before = state.table(call, "action_types").get(key)
    if before is not None:
        text = f"ActionType (Category: '{key[0]}', Owner: 'Custom', Provider: '{key[1]}', Version: '{key[2]}')"
        if before["deleted"]:
            raise Refusal("InvalidActionTypeException", f"{text} has been deleted. Create a new version of the action type.")
        raise Refusal("ActionTypeAlreadyExistsException", f"{text} already exists")
    tags = {tag["key"]: tag["value"] for tag in given.get("tags", [])}
    state.table(call, "action_types")[key] = {"type": made, "tags": tags, "deleted": False}
    return {"actionType": made, "tags": given.get("tags", [])}


@operation("codepipeline", "DeleteCustomActionType")
def delete_custom_action_type(call: Call) -> dict[str, Any]:
    """It is marked as deleted. Deleting an absent one is no error."""
    kept = state.table(call, "action_types").get((call.params["category"], call.params["provider"], call.params["version"]))
    if kept is not None:
        kept["deleted"] = True
    return {}


def not_available(identity: dict[str, str]) -> Refusal:
    words = ", ".join(f"{name.capitalize()}: '{identity[name]}'" for name in ("category", "owner", "provider", "version"))
    return Refusal("ActionTypeNotFoundException", f"ActionType ({words}) is not available")


@operation("codepipeline", "GetActionType", "UpdateActionType")
def get_action_type(call: Call) -> dict[str, Any]:
    """Only those whom an action type's provider lets see it: nobody here has made one."""
    raise not_available(call.params.get("actionType", {}).get("id") or call.params)
