"""The shapes in which the emulated ECS keeps things: those of AWS's answers, and members that stay inside.

A member that AWS's answers do not have has a comment. All members are optional to the type checker, as AWS leaves members out of answers.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypedDict


class ContainerDefinition(TypedDict, total=False):
    """One of `containerDefinitions`. `command` and `entryPoint` are lists of words, `memory` is MiB, `cpu` is CPU units."""

    name: str
    image: str
    cpu: int
    memory: int
    memoryReservation: int
    essential: bool
    entryPoint: list[str]
    command: list[str]
    environment: list[dict[str, str]]
    secrets: list[dict[str, str]]
    portMappings: list[dict[str, Any]]
    dependsOn: list[dict[str, str]]
    healthCheck: dict[str, Any]
    logConfiguration: dict[str, Any]
    readonlyRootFilesystem: bool
    stopTimeout: int
    linuxParameters: dict[str, Any]


class TaskDefinition(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskDefinition.html"""

    taskDefinitionArn: str
    family: str
    revision: int
    status: str
    containerDefinitions: list[ContainerDefinition]
    volumes: list[dict[str, Any]]
    placementConstraints: list[dict[str, Any]]
    taskRoleArn: str
    executionRoleArn: str
    cpu: str
    memory: str
    networkMode: str
    requiresCompatibilities: list[str]
    compatibilities: list[str]
    requiresAttributes: list[dict[str, str]]
    runtimePlatform: dict[str, str]
    ephemeralStorage: dict[str, int]
    registeredAt: datetime
    registeredBy: str
    deregisteredAt: datetime
    deleteRequestedAt: datetime


class Container(TypedDict, total=False):
    """One of a task's `containers`."""

    containerArn: str
    taskArn: str
    name: str
    image: str
    imageDigest: str
    runtimeId: str
    lastStatus: str
    healthStatus: str
    exitCode: int
    reason: str
    cpu: str
    memory: str
    memoryReservation: str
    networkInterfaces: list[dict[str, str]]
    managedAgents: list[dict[str, Any]]


class Task(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Task.html"""

    taskArn: str
    clusterArn: str
    taskDefinitionArn: str
    containers: list[Container]
    attachments: list[dict[str, Any]]
    attributes: list[dict[str, str]]
    availabilityZone: str
    overrides: dict[str, Any]
    lastStatus: str
    desiredStatus: str
    healthStatus: str
    connectivity: str
    stopCode: str
    stoppedReason: str
    group: str
    startedBy: str
    launchType: str
    capacityProviderName: str
    platformVersion: str
    platformFamily: str
    cpu: str
    memory: str
    ephemeralStorage: dict[str, int]
    fargateEphemeralStorage: dict[str, int]
    inferenceAccelerators: list[dict[str, Any]]
    enableExecuteCommand: bool
    version: int
    createdAt: datetime
    pullStartedAt: datetime
    pullStoppedAt: datetime
    startedAt: datetime
    connectivityAt: datetime
    stoppingAt: datetime
    executionStoppedAt: datetime
    stoppedAt: datetime
    # The containers of its task definition, with the overrides of the task.
    definition: list[ContainerDefinition]
    # ARNs of the execution role and of the task's own role; "" without one.
    execution_role: str
    task_role: str
    # Name of its service; None for a task of RunTask.
    service: str | None
    loadBalancers: list[dict[str, Any]]
    # Its `awsvpcConfiguration`; then the id of its subnet, and address and id of its network interface.
    network: dict[str, Any]
    subnet: str
    address: str
    interface: str
    # The agent of ECS Exec, as it is before the container starts; names of the containers in which it can be reached.
    agent: dict[str, str]
    reached: set[str]
    # Is called when the task started, is to stop, or stopped.
    watch: Callable[[], None] | None
    # Whether its service has counted it as failed.
    noted: bool
    protectedUntil: datetime


class Run(TypedDict, total=False):
    """A deployment of the ECS controller or a task set of another one, in the shape of `Deployment` or `TaskSet`."""

    id: str
    status: str
    taskDefinition: str
    launchType: str
    capacityProviderStrategy: list[dict[str, Any]]
    networkConfiguration: dict[str, Any]
    loadBalancers: list[dict[str, Any]]
    serviceRegistries: list[dict[str, Any]]
    platformVersion: str
    platformFamily: str
    pendingCount: int
    runningCount: int
    createdAt: datetime
    updatedAt: datetime
    # a deployment's
    desiredCount: int
    failedTasks: int
    rolloutState: str
    rolloutStateReason: str
    # a task set's
    taskSetArn: str
    serviceArn: str
    clusterArn: str
    startedBy: str
    externalId: str
    clientToken: str | None
    scale: dict[str, Any]
    computedDesiredCount: int
    stabilityStatus: str
    stabilityStatusAt: datetime
    # The service deployment that it belongs to, and the ARN of its service revision.
    record: ServiceDeployment
    revision: str
    # Its stage (traffic_shift.py) and since when, in seconds of the clock; percent of production and of test traffic.
    stage: str
    since: float
    weight: float
    test: float
    # Why it is to be rolled back at the next pass of the scheduler.
    undo: str


class Service(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Service.html"""

    serviceArn: str
    serviceName: str
    clusterArn: str
    status: str
    desiredCount: int
    runningCount: int
    pendingCount: int
    taskDefinition: str
    launchType: str
    capacityProviderStrategy: list[dict[str, Any]]
    platformVersion: str | None
    platformFamily: str
    networkConfiguration: dict[str, Any]
    loadBalancers: list[dict[str, Any]]
    serviceRegistries: list[dict[str, Any]]
    healthCheckGracePeriodSeconds: int
    deploymentConfiguration: dict[str, Any]
    deploymentController: dict[str, str]
    schedulingStrategy: str
    taskSets: list[Run]
    deployments: list[Run]
    events: list[dict[str, Any]]
    createdAt: datetime
    createdBy: str
    roleArn: str
    placementConstraints: list[dict[str, Any]]
    placementStrategy: list[dict[str, Any]]
    enableECSManagedTags: bool
    propagateTags: str
    enableExecuteCommand: bool
    availabilityZoneRebalancing: str
    currentServiceDeployment: str
    # The parameters of CreateService.
    asked: dict[str, Any]
    # Wakes the scheduler.
    watch: Callable[[], None]
    # Whether a pass of the scheduler is due; seconds of AWS's time until the next one at least.
    awake: bool
    lull: float
    # Failed tasks in a row, and from when on tasks are started again, in seconds of the clock.
    failures: int
    retryAt: float
    # The desired count of which the events last said that it was reached.
    told: int | None
    # What says how tasks are made, as of the last deployment that was completed.
    completed: dict[str, Any]


class ServiceDeployment(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ServiceDeployment.html, with whole runs in place of summaries."""

    serviceDeploymentArn: str
    serviceArn: str
    clusterArn: str
    createdAt: datetime
    startedAt: datetime
    updatedAt: datetime
    finishedAt: datetime
    stoppedAt: datetime
    status: str
    statusReason: str
    targetServiceRevision: Run
    sourceServiceRevisions: list[Run]
    deploymentConfiguration: dict[str, Any]
    deploymentCircuitBreaker: dict[str, Any]
    alarms: dict[str, Any]
    rollback: dict[str, Any]
    lifecycleStage: str
    lifecycleHookDetails: list[dict[str, Any]]
    # The service that it is a deployment of.
    service: Service


class Cluster(TypedDict, total=False):
    """https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_Cluster.html"""

    clusterArn: str
    clusterName: str
    status: str
    settings: list[dict[str, str]]
    capacityProviders: list[str]
    defaultCapacityProviderStrategy: list[dict[str, Any]]
    configuration: dict[str, Any]
    serviceConnectDefaults: dict[str, str]
