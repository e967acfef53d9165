"""DeliveryPipeline: checks of pull requests and deployments of a branch, on AWS CodePipeline."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.arguments import Matches, OneOf, Problems, declare, resolve
from .._blocks.bucket import Bucket
from .._blocks.log_retention import LOG_RETENTION_DAYS
from .._blocks.runtimes import PYTHONS
from .build_project import BuildProject, grant_clone
from .buildspecs import CHECK, PREPARE, PREVIEW, commands_buildspec, deploy_buildspec
from .code_pipeline import DATA_LOSS, Stage, approve, build, create_pipeline
from .stages import DeliveryStageArgs, PulumiCliArgs, check_stages

_CHECK_MINUTES, _PREVIEW_MINUTES, _DEPLOY_MINUTES = 90, 15, 60


class DeliveryPipelineArgs(TypedDict):
    connection_arn: pulumi.Input[str]
    """ARN of an AWS CodeConnections connection to the provider of the repository. Complete a new
    connection once in the console."""
    repository: str
    """Owner and name of the repository: `owner/name`."""
    branch: NotRequired[str]
    """Branch to deploy, whose pull requests are checked. Default: `main`."""
    stages: Sequence[DeliveryStageArgs]
    """Stacks to deploy, in this order: `[{"stack": "dev", "role_arn": ...}]`."""
    pulumi_cli: PulumiCliArgs
    """Version and checksum of the Pulumi CLI: `{"version": "3.272.0", "sha256": ...}`."""
    backend_url: str
    """URL of the Pulumi backend that stores the state: `s3://your-state-bucket`."""
    secrets_provider: str
    """KMS key of the stacks' secrets provider: `awskms://alias/your-key?region=eu-west-1`."""
    pull_requests: NotRequired[bool]
    """Whether a separate pipeline, which shares nothing with the one that deploys, checks pull
    requests. Default: true."""
    check_commands: NotRequired[Sequence[str]]
    """Commands of the action `Check`. Default: `bash .ci/run`."""
    preview_commands: NotRequired[Sequence[str]]
    """Commands of the action `Preview`, which has no credentials. `$BRANCH` is the branch;
    `$DATA_LOSS` has the resources whose data may be lost, such as `prod/orders-orders`, or
    `refused`. Default: the branch's `.ci/preview`."""
    prepare_commands: NotRequired[Sequence[str]]
    """Commands to run before `pulumi install` in deployments. Default: `make .venv/uv
    .venv/policy`."""
    policy_pack: NotRequired[str]
    """Folder of the policy pack that deployments must pass; empty for none. Default: `policy`."""
    python: NotRequired[str]
    """Python version of the builds: `3.12` to `3.14`. Default: `3.13`."""
    image: NotRequired[str]
    """CodeBuild image, x86-64 Linux. Default: `aws/codebuild/standard:7.0`."""
    log_retention_days: NotRequired[int]
    """Retention of logs in CloudWatch, one of its steps in days (1, 3, 5, 7, 14, 30, ...).
    Default: 30."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    DeliveryPipelineArgs,
    defaults={
        "branch": "main",
        "pull_requests": True,
        "check_commands": CHECK,
        "preview_commands": PREVIEW,
        "prepare_commands": PREPARE,
        "policy_pack": "policy",
        "python": "3.13",
        "image": "aws/codebuild/standard:7.0",
        "log_retention_days": 30,
    },
    limits={
        "connection_arn": Matches(
            r"arn:aws[\w-]*:(codeconnections|codestar-connections):[^:]+:\d{12}:connection/.+",
            "the ARN of a connection of AWS CodeConnections",
        ),
        "repository": Matches(r"[\w.-]+/[\w./-]+", "an owner and a name: 'owner/name'"),
        "branch": Matches(r"[\w./-]+", "the name of one branch such as 'main'"),
        "backend_url": Matches(
            r"s3://[a-z0-9][a-z0-9.-]{2,62}([/?].*)?", "a bucket such as 's3://your-state-bucket'"
        ),
        "secrets_provider": Matches(
            r"awskms://\S+", "a KMS key such as 'awskms://alias/your-key?region=eu-west-1'"
        ),
        "python": OneOf(PYTHONS),
        "log_retention_days": OneOf(LOG_RETENTION_DAYS),
    },
)


class DeliveryPipeline(pulumi.ComponentResource):
    """Repository -> checks and preview -> first stack -> manual approval -> next stacks.

    Default settings: a pipeline of type V2 in which a new commit supersedes waiting ones and does
    not interrupt deployments. Each step has its own role; only the steps that deploy can assume the
    role of a stack. The Pulumi CLI is verified by its checksum. Builds have no privileged mode, and
    their logs expire. Artifacts are private, encrypted and kept for 30 days. Pull requests are
    checked by a separate pipeline without permissions to deploy. Alarms on failed builds are
    included.
    """

    pipeline_name: pulumi.Output[str]
    """Name of the pipeline that deploys."""
    pipeline_arn: pulumi.Output[str]
    """ARN of the pipeline that deploys."""
    pull_request_pipeline_name: pulumi.Output[str]
    """Name of the pipeline that checks pull requests; empty without one."""
    deployer_role_arns: pulumi.Output[Sequence[str]]
    """ARNs of the roles that assume the `role_arn` of each stage, in the order of the stages."""

    def __init__(
        self, name: str, args: DeliveryPipelineArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:DeliveryPipeline", name, {}, opts)
        args = resolve("DeliveryPipeline", name, DeliveryPipelineArgs, args, _check)
        self._name, self._args = name, args
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        artifacts = self._create_bucket(name)
        check = self._check_stage(name, artifacts)
        deployers = [self._create_deployer(stage, artifacts) for stage in args["stages"]]
        stages = [self._deploy_stage(index, each) for index, each in enumerate(deployers)]
        self._create_monitoring(
            [project for _, project in check[1] if project is not None], deployers
        )
        branch = {"branches": {"includes": [self._args["branch"]]}}
        pipeline = self._create_pipeline(
            name, {"pushes": [branch]}, "SUPERSEDED", artifacts, [check, *stages]
        )
        requests = self._check_pull_requests(f"{name}-requests")
        outputs = {
            "pipeline_name": pipeline.name,
            "pipeline_arn": pipeline.arn,
            "pull_request_pipeline_name": requests,
            "deployer_role_arns": pulumi.Output.all(*[each.role_arn for each in deployers]),
        }
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def _check_pull_requests(self, name: str) -> pulumi.Output[str]:
        """A pipeline with its own bucket and roles, since pull requests run code of strangers."""
        if not self._args["pull_requests"]:
            return pulumi.Output.from_input("")
        artifacts = self._create_bucket(name)
        into = {"branches": {"includes": [self._args["branch"]]}, "events": ["OPEN", "UPDATED"]}
        stages = [self._check_stage(name, artifacts)]
        return self._create_pipeline(
            name, {"pull_requests": [into]}, "PARALLEL", artifacts, stages
        ).name

    def _create_bucket(self, name: str) -> Bucket:
        # The artifact of an execution holds only a reference to a commit.
        return Bucket(f"{name}-artifacts", parent=self, retain=False, expire_days=30)

    def _create_pipeline(
        self,
        name: str,
        trigger: dict[str, object],
        execution_mode: str,
        artifacts: Bucket,
        stages: Sequence[Stage],
    ) -> aws.codepipeline.Pipeline:
        return create_pipeline(
            f"{name}-pipeline",
            parent=self,
            connection_arn=self._args["connection_arn"],
            repository=self._args["repository"],
            branch=self._args["branch"],
            trigger=trigger,
            execution_mode=execution_mode,
            artifacts=artifacts,
            stages=stages,
        )

    def _check_stage(self, name: str, artifacts: Bucket) -> Stage:
        """Checks and preview, in parallel."""
        check, preview = (
            self._create_project(
                f"{name}-{what}",
                commands_buildspec(self._args["python"], commands),
                minutes,
                artifacts,
                {"BRANCH": self._args["branch"]},
            )
            for what, commands, minutes in (
                ("check", self._args["check_commands"], _CHECK_MINUTES),
                ("preview", self._args["preview_commands"], _PREVIEW_MINUTES),
            )
        )
        accepted = build("Preview", preview, DATA_LOSS=f"#{{variables.{DATA_LOSS}}}")
        return "Check", [build("Check", check), accepted]

    def _create_deployer(self, stage: DeliveryStageArgs, artifacts: Bucket) -> BuildProject:
        pack = self._args["policy_pack"]
        cli = self._args["pulumi_cli"]
        return self._create_project(
            f"{self._name}-{stage['stack']}",
            deploy_buildspec(self._args["python"], self._args["prepare_commands"], pack),
            _DEPLOY_MINUTES,
            artifacts,
            {
                "STACK": stage["stack"],
                "ROLE_ARN": stage["role_arn"],
                "PULUMI_BACKEND_URL": self._args["backend_url"],
                "SECRETS_PROVIDER": self._args["secrets_provider"],
                "PULUMI_VERSION": cli["version"],
                "PULUMI_SHA256": cli["sha256"],
            },
            statements=[allow(["sts:AssumeRole"], stage["role_arn"])],
        )

    def _deploy_stage(self, index: int, project: BuildProject) -> Stage:
        stage = self._args["stages"][index]
        stack = stage["stack"]
        if not stage.get("manual_approval", index > 0):
            return stack, [build("Deploy", project, OPERATION="up --yes")]
        text = f"Deploy #{{source.CommitId}} to {stack}? The log of Preview shows the changes."
        return stack, [
            build("Preview", project, OPERATION="preview"),
            approve(text, 2),
            build("Deploy", project, 3, OPERATION="up --yes"),
        ]

    def _create_project(
        self,
        name: str,
        buildspec: str,
        minutes: int,
        artifacts: Bucket,
        environment: dict[str, pulumi.Input[str]],
        *,
        statements: Sequence[StatementArgs] = (),
    ) -> BuildProject:
        return BuildProject(
            name,
            buildspec,
            parent=self,
            image=self._args["image"],
            minutes=minutes,
            environment=environment,
            log_retention_days=self._args["log_retention_days"],
            artifacts=artifacts,
            statements=[
                *grant_clone(self._args["connection_arn"], self._args["repository"]),
                *statements,
            ],
        )

    def _create_monitoring(
        self, checks: Sequence[BuildProject], deployers: Sequence[BuildProject]
    ) -> None:
        names = ["check", "preview", *[each["stack"] for each in self._args["stages"]]]
        for what, project in zip(names, [*checks, *deployers], strict=True):
            self._alarms.above(
                f"{what}-failing",
                0,
                "AWS/CodeBuild/FailedBuilds",
                {"ProjectName": project.project_name},
                meaning=f"A build of '{what}' failed; the stages after it are not deployed.",
                entry="build-failing",
            )


def _check(problems: Problems, args: DeliveryPipelineArgs) -> None:
    for key in ("check_commands", "preview_commands"):
        problems.unless(bool(args[key]), key, "must have at least one command")
    check_stages(problems, args["stages"])
