"""The stages that a DeliveryPipeline deploys, and the Pulumi CLI that it deploys with."""

from collections.abc import Sequence
from typing import NotRequired, TypedDict

import pulumi

from .._blocks.arguments import Matches, Problems, declare

_RESERVED = ("Source", "Check", "check", "preview", "pipeline", "artifacts", "requests")


class PulumiCliArgs(TypedDict):
    """The Pulumi CLI that deploys."""

    version: str
    """Version of the CLI, which should be that of the program's SDK: `3.272.0`."""
    sha256: str
    """SHA-256 of `pulumi-v<version>-linux-x64.tar.gz`, from the checksums of the release. A build
    that downloads another file fails."""


class DeliveryStageArgs(TypedDict):
    """A Pulumi stack that a pipeline deploys."""

    stack: str
    """Name of the stack: `prod`."""
    role_arn: pulumi.Input[str]
    """ARN of the role that deploys the stack, in this account or another one. It reads and writes
    the state, creates all resources, and must trust this stage's role of `deployer_role_arns`."""
    manual_approval: NotRequired[bool]
    """Whether each execution shows a preview and waits for a manual approval. Default: true, except
    for the first stage."""


declare(
    PulumiCliArgs,
    limits={
        "version": Matches(r"\d+\.\d+\.\d+", "a version such as '3.272.0'"),
        "sha256": Matches("[0-9a-f]{64}", "64 hexadecimal digits"),
    },
)
declare(
    DeliveryStageArgs,
    limits={
        "stack": Matches(r"[A-Za-z0-9_.-]{1,80}", "the name of a stack such as 'prod'"),
        "role_arn": Matches(r"arn:aws[\w-]*:iam::\d{12}:role/.+", "the ARN of a role"),
    },
)


def check_stages(problems: Problems, stages: Sequence[DeliveryStageArgs]) -> None:
    """Check that the names of the stacks are unique."""
    problems.unless(bool(stages), "stages", "must have at least one stack")
    taken = [*_RESERVED]
    for index, stage in enumerate(stages):
        stack = stage["stack"]
        problems.unless(
            stack not in taken, f"stages[{index}].stack", f"'{stack}' is already in use"
        )
        taken.append(stack)
