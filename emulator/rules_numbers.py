"""The numbered things that AWS demands of this collection's services, each with what enforces it where no rule or service does.

client: what a client has to do; the emulator only shows the situation.   audit: judged on what is there in the end, not by one call.
model: AWS's own service model (models.py).   moto: moto refuses it.   wire: how requests are read (wire.py).
later: belongs to a service or behaviour that the emulator does not have yet.   open: AWS refuses it and the emulator does not.
"""

from __future__ import annotations

TEXT = """
W1 wire An operation of a JSON service is named by X-Amz-Target
W2 wire RDS, ELB, IAM, STS and SNS speak query, EC2 its dialect, Route 53 and S3 rest-xml, X-Ray rest-json
W3 wire CloudWatch speaks JSON today
W4 wire CBOR requests are refused
W5 wire The service is the one that the signature is for
ECS-S1 open A CODE_DEPLOY service has a load balancer
ECS-S2 open A CODE_DEPLOY service has exactly one load balancer entry, with target group, container and port
ECS-S3 open A CODE_DEPLOY service is a replica service
ECS-S4 open A service has a task definition, unless its controller is external
ECS-S5 open A replica service has a desired count, a daemon service none
ECS-S6 open awsvpc services say their subnets
ECS-S7 open Only awsvpc services have a network configuration
ECS-S8 open At most 16 subnets and 5 security groups, all of one VPC
ECS-S9 audit Without a public address, NAT gateway or endpoints no image can be pulled
ECS-S10 open The target group of a service is behind a listener
ECS-S11 open awsvpc services have target groups of addresses
ECS-S12 open The container of a load balancer entry exists and maps the port
ECS-S13 open A load balancer entry names a target group or a classic load balancer
ECS-S14 open Fargate has no classic load balancers
ECS-S15 open awsvpc services have no role of their own for the load balancer
ECS-S16 open Launch type or capacity providers
ECS-S17 open Fargate has no placement
ECS-S18 open Circuit breaker, alarms, strategies and hooks are ECS's own controller's
ECS-S19 open Healthy percentages leave room for a deployment
ECS-S20 open ECS Exec needs a task role
ECS-S21 open Names and tags of services and clusters
ECS-S22 open The grace period has a range
ECS-S23 open A service is created again with the same parameters only
ECS-S24 open A draining service's name is taken
ECS-S25 client The first use in an account may find no service-linked role
ECS-S26 client Availability zone rebalancing is on at creation and kept at updates
ECS-U1 open UpdateService of a CODE_DEPLOY service takes seven members
ECS-U2 open CodeDeploy changes the task definition
ECS-U3 open CodeDeploy changes network and platform
ECS-U4 open The rest is changed by CodeDeploy or by a new service
ECS-U5 client A service can go from CODE_DEPLOY to ECS
ECS-U6 open Only active services are updated
ECS-U7 audit The desired count has one owner
ECS-U8 open At most five deployments of a service at once
ECS-D1 client What DescribeServices does not find is a failure, not an error
ECS-D2 client Deleted services stay visible as INACTIVE
ECS-D3 moto A service that is scaled above 0 is deleted by force only
ECS-D4 open A cluster that is in use is not deleted
ECS-D5 open Task definitions are deregistered before they are deleted
ECS-D6 audit Revisions that a rollback needs are kept
ECS-D7 open Exec logging is overridden with a log configuration, and only then
ECS-D8 client What was just created may not be seen yet
ECS-L1 audit Production and test listener are on one load balancer
ECS-L2 open Listeners forward to the primary target group when a deployment begins
ECS-L3 audit Nobody but the deployer moves the listener
ECS-L4 client A service may name either target group of its pair
ECS-L5 open Network load balancers shift all at once
ECS-L6 audit Both target groups are alike
ECS-T1 open Fargate's network mode is awsvpc
ECS-T2 open Fargate wants cpu and memory of the task
ECS-T3 open Fargate's pairs of cpu and memory
ECS-T4 open A task definition has an essential container
ECS-T5 open Images in ECR need an execution role
ECS-T6 open awslogs needs an execution role
ECS-T7 open Secrets need an execution role
ECS-T8 open Log drivers of Fargate and what they need
ECS-T9 open awsfirelens needs a log router
ECS-T10 open What Fargate does not have
ECS-T11 open Ports are mapped once and to themselves
ECS-T12 open Containers fit into their task
ECS-T13 open Containers are named once and depend on containers that can satisfy them
ECS-T14 open Health checks have ranges and a form
ECS-T15 open Stop timeout, storage, environment files and restart policy have ranges
ECS-T16 open Families, volumes and mount points
ECS-T17 open A secret names a parameter or a whole secret ARN, and no variable of the environment
ECS-T18 client Secrets are read once, when a container starts
ECS-T19 audit No secret value in clear text
ECS-T20 audit A read-only root does not go with ECS Exec
ECS-T21 open The log group exists when a task starts
ECS-R1 client A RunTask that answers with failures has failed
ECS-R2 open RunTask of awsvpc tasks says the network
ECS-R3 open Count, startedBy and client token of RunTask
ECS-R4 open Overrides name a container that exists and are not too long
ECS-R5 open Overrides merge, and the pair of cpu and memory stays legal
ECS-R6 open RunTask propagates the task definition's tags only
ECS-R7 open An inactive revision does not run
ECS-R8 later A fresh role may not be assumable yet
ECS-R9 client States of a task come in one order
ECS-R10 client An exit code that is absent is not 0
ECS-R11 client The reasons for which tasks stop
ECS-R12 client The words with which tasks stop
ECS-R13 client Stopped tasks are visible for an hour
ECS-R14 audit A migration has one essential container
ECS-R15 client A log stream is named prefix/container/task
ECS-R16 later Rates of RunTask
ECS-X1 audit What ECS Exec needs of the role
ECS-X2 open ECS Exec must have been enabled when the task started
ECS-X3 audit ECS Exec without NAT needs an endpoint
ECS-N1 open Ranges of ECS's own strategies
ECS-N2 open Both target groups of ECS's own blue/green are behind its rules
ECS-N3 open The role of ECS's own blue/green
ECS-N4 open Hooks of ECS's own deployments
ECS-N5 open How ECS's own deployments stop
CD-1 open A platform and names of applications
CD-2 open ECS deployments are blue/green with traffic control
CD-3 open ECS groups say when traffic moves and when blue ends
CD-4 open A wait goes with STOP_DEPLOYMENT only
CD-5 open Blue is kept two days at most
CD-6 open One pair of target groups with one production listener
CD-7 open Target groups go by name
CD-8 open One ECS service, of the CODE_DEPLOY controller
CD-9 open One group for each service
CD-10 open Listeners and target groups of a group exist
CD-11 open The configuration is of the ECS platform
CD-12 open Custom configurations
CD-13 open Alarms, rollback events and triggers
CD-14 open ECS groups have no instances
CD-15 open The role can be assumed
CD-16 audit Which roles may be passed
CD-17 client What deleting an application takes along
CD-20 open One active deployment in a group
CD-21 open Where a revision comes from
CD-22 open What an AppSpec says
CD-23 open The AppSpec's container exists
CD-24 client The order of lifecycle events
CD-25 client Ready and Stopped are ends or stops too
CD-26 open Stopping a finished deployment
CD-27 open Continuing at the wrong moment
CD-28 open What a deployment waits for, and how long
CD-29 client Error codes of deployments
CD-30 later Scaling is held during a shift
CD-31 open Descriptions and modes
CD-32 open Targets of a deployment
CP-1 open Stages of a pipeline
CP-2 open Names of stages and actions
CP-3 open Artifacts come from earlier actions
CP-4 open Run order, namespace and configuration values
CP-5 open Artifact stores
CP-6 open What the configuration of each action says
CP-7 open How many artifacts an action takes
CP-8 open What only V2 pipelines have
CP-9 open Triggers
CP-10 open What happens on failure
CP-11 open The role can be assumed
CP-12 client UpdatePipeline replaces everything
CP-13 audit Files for the deploy action
CP-14 client Superseded is an end and no error
CP-15 open Approvals and retries
CP-16 client A pipeline starts when it is created
CP-17 open Namespaces and references to variables
CP-18 open Names that are taken, and names that are not there
CP-19 open Tags
CP-20 open An execution is stopped once
CP-21 open What a stage can be rolled back to
CP-22 open Which conditions are overridden
CP-23 open Custom action types and their jobs
CP-24 open Webhooks
CP-25 open Executions at once
CP-26 open Pages of lists
CP-27 open Conditions and rules of stages
CP-28 open What only Commands actions have
CP-29 open Variables and revisions of a start
CB-1 open CODEPIPELINE as source and artifacts go together
CB-2 open The role can be assumed
CB-3 open Names and times of projects
CB-4 open Docker builds are privileged
CB-5 open Curated images are pulled by CodeBuild
CB-6 open Variables of builds
CB-7 open A VPC configuration is whole
CB-8 open Artifacts, cache and badges
CB-9 client What BatchGet does not find is no error
CC-1 open A connection is pending until a person has finished it
CC-2 open Two names in ARNs
CC-3 open Two actions for using a connection
CC-4 audit Full clones need the connection in the build's role
IAM-1 audit Who is trusted by each role
IAM-2 open Trust policies
IAM-3 open Identity policies
IAM-4 open Sizes and counts of policies
IAM-5 audit What an execution role needs
IAM-6 audit What the pipeline's role needs
IAM-7 audit What the build's role needs
IAM-8 audit Passing roles
IAM-9 moto A role that is in use is not deleted
IAM-10 moto Names of roles are unique
IAM-11 client Waiting for roles has named reasons
SSM-A1 open The role of an activation
SSM-A2 open Limits of an activation
SSM-A3 client The code of an activation is shown once
SSM-A4 client Activations do not change
SSM-A5 open Nodes outlive activations
SSM-A6 open Sessions to nodes need the advanced tier
SSM-P1 open A new parameter has a type, an old one is overwritten on request
SSM-P2 open No tags when overwriting
SSM-P3 open Sizes, tiers and policies
SSM-P4 open A value refers to no other parameter
SSM-P5 open Names of parameters
SSM-P6 open The type stays
SSM-P7 model Ten names, ten results in a page
SSM-P8 open A hundred versions
SSM-P9 open The key of a SecureString
RDS-1 open A subnet group covers two zones
RDS-2 moto Names of instances
RDS-3 open The master password is managed or given
RDS-4 open Master passwords
RDS-5 open Master user names
RDS-6 open MultiAZ chooses its zones
RDS-7 open Retention and windows
RDS-8 open Ports and storage
RDS-9 open Encryption
RDS-10 open Parameter groups
RDS-11 open Deleting an instance
RDS-12 open Only available instances change
RDS-13 open Enhanced monitoring
RDS-14 open Performance Insights and log exports
RDS-15 client Changes may be pending
ELB-1 open Two zones
ELB-2 open Names and subnets of load balancers
ELB-3 open What a target group needs
ELB-4 open Health checks
ELB-5 open Attributes
ELB-6 open One load balancer for a target group
ELB-7 open Certificates of listeners
ELB-8 open Rules
ELB-9 open What is in use is not deleted
ELB-10 open Access logs need a bucket that takes them
VPC-1 audit Fargate without NAT needs endpoints
VPC-2 open Interface endpoints
VPC-3 open Ranges, gateways and security groups
VPC-4 audit Who may reach whom
ECR-1 open Repositories
ECR-2 open Immutable tags
ECR-3 open Lifecycle policies
ECR-4 open A repository with images is deleted by force only
LOG-1 open Retention is one of a list
LOG-2 open Names, classes and filters
LOG-3 open Keys of log groups
LOG-4 open Insights queries
CW-1 open Alarms
CW-2 client PutMetricAlarm replaces
CW-3 open Dashboards
CW-4 audit Target groups alternate
CW-5 open Metric math has known, unique ids and one result
AAS-1 open Scalable targets
AAS-2 open Scaling policies
AAS-3 client Whose role and alarms they are
EB-1 open What a rule may have as targets, and how many
EB-2 open What an input transformer says
EB-3 open Names of connections and API destinations
EB-4 open An API destination has a connection, and an address that is encrypted
EB-5 moto A rule with targets is not deleted
EB-6 open EventBridge can be in the role of a target
SNS-1 moto Names of topics
SNS-2 open Addresses of e-mail
SNS-3 open Endpoints of HTTP have the protocol's scheme
SNS-4 open Who publishes is admitted by the topic's policy, and may use its key
XR-1 audit The daemon beside the application
XR-2 open Sampling rules
R53-1 open Alias records and changes
ACM-1 open Certificates
S3-1 open Names of buckets
S3-2 open Regions of buckets
S3-3 open No ACLs where the bucket's owner owns everything
S3-4 open Tags of buckets and objects
S3-5 open Where access logs go
S3-6 open Default encryption
S3-7 open Bucket policies, and public ones where they are blocked
S3-8 open Lifecycle rules
S3-9 open Objects, uploads and their pages
S3-10 open Conditional writes and deletes
"""


def numbers() -> dict[str, tuple[str, str]]:
    """Number → (what enforces it otherwise, title)."""
    rows = [line.split(" ", 2) for line in TEXT.strip().splitlines()]
    return {number: (otherwise, title) for number, otherwise, title in rows}
