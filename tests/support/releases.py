"""What a deployer and a scaler do, through AWS's own API."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from ansible_collections.railyard.fargate.plugins.module_utils._ecs import deployment_options

from . import images
from .emulated import Emulated

COPIED = ("family", "networkMode", "cpu", "memory", "taskRoleArn", "executionRoleArn", "containerDefinitions", "runtimePlatform", "volumes")


@dataclass(frozen=True)
class Deployer:
    """Releases the web service of one environment."""

    emulated: Emulated
    name: str
    engine: str = "codedeploy"
    account: str = ""

    def push(self, tag: str) -> str:
        """Push an image; returns its reference by digest."""
        ecr = self.emulated.client("ecr", account=self.account)
        image = images.push(ecr, self.name, b"{}", tag.encode(), tag=tag)
        repository = ecr.describe_repositories(repositoryNames=[self.name])["repositories"][0]["repositoryUri"]
        return f"{repository}@{image['imageId']['imageDigest']}"

    def revision(self, image: str, variables: dict[str, str] | None = None) -> str:
        """Register the live task definition with another image, as CodePipeline does, and with these variables alone; returns its ARN."""
        ecs = self.emulated.client("ecs")
        live = ecs.describe_task_definition(taskDefinition=f"{self.name}-web", include=["TAGS"])
        definition = {key: live["taskDefinition"][key] for key in COPIED if live["taskDefinition"].get(key)}
        definition["containerDefinitions"] = [{**container, "image": image} for container in definition["containerDefinitions"]]
        if variables is not None:
            pairs = [{"name": name, "value": value} for name, value in variables.items()]
            definition["containerDefinitions"] = [{**container, "environment": pairs} for container in definition["containerDefinitions"]]
        definition["requiresCompatibilities"] = ["FARGATE"]
        registered = ecs.register_task_definition(**definition, tags=live["tags"])
        return str(registered["taskDefinition"]["taskDefinitionArn"])

    def deploy(self, image: str) -> str:
        """Start a blue/green deployment that waits for its smoke test; returns its id."""
        return self._deploy_by_ecs(image) if self.engine == "ecs" else self._deploy_by_codedeploy(image)

    def _deploy_by_codedeploy(self, image: str) -> str:
        properties = {
            "TaskDefinition": self.revision(image),
            "LoadBalancerInfo": {"ContainerName": "web", "ContainerPort": 3000},
        }
        content = json.dumps({"version": 0.0, "Resources": [{"TargetService": {"Type": "AWS::ECS::Service", "Properties": properties}}]})
        deployment = self.emulated.client("codedeploy").create_deployment(
            applicationName=self.name,
            deploymentGroupName="web",
            revision={"revisionType": "AppSpecContent", "appSpecContent": {"content": content}},
        )
        return str(deployment["deploymentId"])

    def _deploy_by_ecs(self, image: str) -> str:
        ecs = self.emulated.client("ecs")
        configuration = deployment_options.configure(self.service()["deploymentConfiguration"], {"pause": True})
        revision = self.revision(image)
        ecs.update_service(cluster=self.name, service="web", taskDefinition=revision, deploymentConfiguration=configuration)
        listed = ecs.list_service_deployments(cluster=self.name, service="web")["serviceDeployments"]
        return str(max(listed, key=lambda item: item["createdAt"])["serviceDeploymentArn"])

    def status(self, deployment: str) -> str:
        """Its status in CodeDeploy's words, whoever deploys."""
        if self.engine == "codedeploy":
            return str(self.emulated.client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]["status"])
        found = self._by_ecs(deployment)
        if any(hook["status"] == "AWAITING_ACTION" for hook in found.get("lifecycleHookDetails", [])):
            return "Ready"
        words = {"SUCCESSFUL": "Succeeded", "ROLLBACK_SUCCESSFUL": "Failed", "ROLLBACK_FAILED": "Failed", "STOPPED": "Stopped"}
        return words.get(found["status"], "InProgress")

    def _by_ecs(self, deployment: str) -> dict[str, Any]:
        found: list[dict[str, Any]] = self.emulated.client("ecs").describe_service_deployments(serviceDeploymentArns=[deployment])[
            "serviceDeployments"
        ]
        return found[0]

    def proceed(self, deployment: str) -> None:
        """Let a deployment go on that waits for its smoke test."""
        if self.engine == "codedeploy":
            self.emulated.client("codedeploy").continue_deployment(deploymentId=deployment, deploymentWaitType="READY_WAIT")
            return
        for hook in self._by_ecs(deployment)["lifecycleHookDetails"]:
            if hook["status"] == "AWAITING_ACTION":
                ecs = self.emulated.client("ecs")
                ecs.continue_service_deployment(serviceDeploymentArn=deployment, hookId=hook["hookId"], action="CONTINUE")

    def until(self, deployment: str, *statuses: str) -> None:
        """Let time pass, a minute at a time, until the deployment has one of the statuses; what waits for a smoke test goes on."""
        for _ in range(120):
            if (status := self.status(deployment)) in statuses:
                return
            if status == "Ready":
                self.proceed(deployment)
            self.emulated.advance(60)
        raise AssertionError(f"{deployment} is {self.status(deployment)} after two hours")

    def until_back(self, deployment: str) -> None:
        """Let time pass until the deployment that CodeDeploy has begun to go back has succeeded; ECS goes back in the same one."""
        if self.engine == "codedeploy":
            info = self.emulated.client("codedeploy").get_deployment(deploymentId=deployment)["deploymentInfo"]
            if back := info.get("rollbackInfo", {}).get("rollbackDeploymentId"):
                self.until(back, "Succeeded")

    def weights(self, port: int = 80) -> dict[str, int]:
        """The weight of each target group behind a listener, by the last word of its name."""
        elbv2 = self.emulated.client("elbv2")
        balancer = elbv2.describe_load_balancers(Names=[self.name])["LoadBalancers"][0]["LoadBalancerArn"]
        listeners = elbv2.describe_listeners(LoadBalancerArn=balancer)["Listeners"]
        action = next(listener for listener in listeners if listener["Port"] == port)["DefaultActions"][0]
        groups: list[dict[str, Any]] = action["ForwardConfig"]["TargetGroups"]
        return {group["TargetGroupArn"].split("/")[1].rsplit("-", 1)[1]: group["Weight"] for group in groups}

    def service(self, name: str = "web") -> dict[str, Any]:
        found: dict[str, Any] = self.emulated.client("ecs").describe_services(cluster=self.name, services=[name])["services"][0]
        return found
