"""DeliveryPipeline: checks of pull requests and deploys of the main branch, on AWS CodePipeline."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.bucket import Bucket
from .._blocks.function import PYTHONS
from .._blocks.log_retention import LOG_RETENTION_DAYS
from .._blocks.validate import Problems
from .build_project import BuildProject, clone
from .buildspecs import CHECK, PREPARE, PREVIEW, commands_buildspec, deploy_buildspec
from .checks import (
    DeliveryStageArgs,
    PulumiCliArgs,
    check_cli,
    check_forms,
    check_stages,
)
from .code_pipeline import DATA_LOSS, Stage, approve, build, create_pipeline

IMAGE = "aws/codebuild/standard:7.0"
_CHECK_MINUTES, _PREVIEW_MINUTES, _DEPLOY_MINUTES = 90, 15, 60


class DeliveryPipelineArgs(TypedDict):
    connection_arn: pulumi.Input[str]
    """ARN of an AWS CodeConnections connection to where the repository is; a person completes it
    once in the console."""
    repository: str
    """The repository there: `owner/name`."""
    branch: NotRequired[str]
    """Branch that is deployed, and into which pull requests are checked. Default: `main`."""
    stages: Sequence[DeliveryStageArgs]
    """Stacks, in the order in which they are brought up. See `DeliveryStageArgs`."""
    pulumi_cli: PulumiCliArgs
    """See `PulumiCliArgs`."""
    backend_url: str
    """Where the stacks' state lives: `s3://your-state-bucket`."""
    secrets_provider: str
    """The KMS key that encrypts secrets in the state, as the stacks were made with:
    `awskms://alias/your-key?region=eu-west-1`."""
    pull_requests: NotRequired[bool]
    """Whether pull requests are checked too, by a pipeline that shares nothing with the one that
    deploys. Default: true."""
    check: NotRequired[Sequence[str]]
    """Commands of the action `Check`. Default: `bash .ci/run`."""
    preview: NotRequired[Sequence[str]]
    """Commands of the action `Preview`, which need no keys; `$BRANCH` is the branch, `$DATA_LOSS`
    is `accepted` where a person has accepted that. Default: `.ci/preview`."""
    prepare: NotRequired[Sequence[str]]
    """Commands before `pulumi install` in deploys. Default: `make .venv/uv .venv/policy`."""
    policy_pack: NotRequired[str]
    """Folder of the policy pack that deploys must pass; empty for none. Default: `policy`."""
    python: NotRequired[str]
    """Minor version of Python that builds run: `3.11` to `3.14`. Default: `3.13`."""
    image: NotRequired[str]
    """CodeBuild image, x86-64 Linux. Default: `aws/codebuild/standard:7.0`."""
    log_retention_days: NotRequired[int]
    """Days that logs are kept, one of CloudWatch's steps (1, 3, 5, 7, 14, 30, ...). Default: 30."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of failed builds of the branch. Default: none."""


class DeliveryPipeline(pulumi.ComponentResource):
    """Repository -> checks and a preview -> the first stack -> a person -> the next stacks.

    Default settings: a pipeline of type V2 in which the newest commit overtakes those that wait,
    and no deploy is broken off; a role of its own for each step, of which only those that deploy
    may assume a stack's role; a Pulumi CLI of one checksum; builds without privileged mode; logs
    that expire; private, encrypted artifacts for 30 days; pull requests apart, without anything to
    deploy with; alarms on failed builds.
    """

    pipeline_name: pulumi.Output[str]
    """Name of the pipeline that deploys."""
    pipeline_arn: pulumi.Output[str]
    """ARN of the pipeline that deploys."""
    pull_request_pipeline_name: pulumi.Output[str]
    """Name of the pipeline of pull requests; empty without one."""
    deployer_role_arns: pulumi.Output[Sequence[str]]
    """ARNs of the builds' roles that assume each stage's `role_arn`, in the order of the stages."""

    def __init__(
        self, name: str, args: DeliveryPipelineArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:DeliveryPipeline", name, {}, opts)
        _check(name, args)
        self._name, self._args = name, args
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        artifacts = self._create_bucket(name)
        check = self._check_stage(name, artifacts)
        deployers = [self._create_deployer(stage, artifacts) for stage in args["stages"]]
        stages = [self._deploy_stage(index, each) for index, each in enumerate(deployers)]
        self._create_monitoring(
            [project for _, project in check[1] if project is not None], deployers
        )
        branch = {"branches": {"includes": [self._branch]}}
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

    @property
    def _branch(self) -> str:
        return self._args.get("branch", "main")

    @property
    def _python(self) -> str:
        return self._args.get("python", "3.13")

    def _check_pull_requests(self, name: str) -> pulumi.Output[str]:
        """Whoever may open a pull request has its code run: with a bucket and roles of its own."""
        if not self._args.get("pull_requests", True):
            return pulumi.Output.from_input("")
        artifacts = self._create_bucket(name)
        into = {"branches": {"includes": [self._branch]}, "events": ["OPEN", "UPDATED"]}
        stages = [self._check_stage(name, artifacts)]
        return self._create_pipeline(
            name, {"pull_requests": [into]}, "PARALLEL", artifacts, stages
        ).name

    def _create_bucket(self, name: str) -> Bucket:
        # Each run's artifact is no more than the name of a commit.
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
            branch=self._branch,
            trigger=trigger,
            execution_mode=execution_mode,
            artifacts=artifacts,
            stages=stages,
        )

    def _check_stage(self, name: str, artifacts: Bucket) -> Stage:
        """Checks and preview, at once."""
        check, preview = (
            self._create_project(
                f"{name}-{what}",
                commands_buildspec(self._python, commands),
                minutes,
                artifacts,
                {"BRANCH": self._branch},
            )
            for what, commands, minutes in (
                ("check", self._args.get("check", CHECK), _CHECK_MINUTES),
                ("preview", self._args.get("preview", PREVIEW), _PREVIEW_MINUTES),
            )
        )
        accepted = build("Preview", preview, DATA_LOSS=f"#{{variables.{DATA_LOSS}}}")
        return "Check", [build("Check", check), accepted]

    def _create_deployer(self, stage: DeliveryStageArgs, artifacts: Bucket) -> BuildProject:
        pack = self._args.get("policy_pack", "policy")
        cli = self._args["pulumi_cli"]
        return self._create_project(
            f"{self._name}-{stage['stack']}",
            deploy_buildspec(self._python, self._args.get("prepare", PREPARE), pack),
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
        text = f"Deploy #{{source.CommitId}} to {stack}? The log of Preview says what it changes."
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
            image=self._args.get("image", IMAGE),
            minutes=minutes,
            environment=environment,
            log_retention_days=int(self._args.get("log_retention_days", 30)),
            artifacts=artifacts,
            statements=[
                *clone(self._args["connection_arn"], self._args["repository"]),
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
                meaning=f"A build of '{what}' failed, so that nothing after it is deployed.",
                entry="build-failing",
            )


def _check(name: str, args: DeliveryPipelineArgs) -> None:
    problems = Problems("DeliveryPipeline", name)
    problems.unknown(args, DeliveryPipelineArgs.__annotations__)
    check_forms(problems, args)
    check_cli(problems, args.get("pulumi_cli", PulumiCliArgs(version="", sha256="")))
    for key in ("check", "preview"):
        problems.that(bool(args.get(key, "x")), key, "has no commands; leave it out or give one")
    problems.one_of(args, "python", PYTHONS)
    problems.one_of(args, "log_retention_days", LOG_RETENTION_DAYS)
    check_stages(problems, args.get("stages", ()))
    problems.report()
