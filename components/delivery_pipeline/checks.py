"""What a DeliveryPipeline deploys with and to, and how its arguments must look."""

import re
from collections.abc import Mapping, Sequence
from typing import NotRequired, TypedDict

import pulumi

from .._blocks.validate import Problems

_DEFAULTS = {"branch": "main"}
_TAKEN = ("Source", "Check", "check", "preview", "pipeline", "artifacts", "requests")
_FORMS = {
    "connection_arn": (
        r"arn:aws[\w-]*:(codeconnections|codestar-connections):[^:]+:\d{12}:connection/.+",
        "the ARN of a connection of AWS CodeConnections",
    ),
    "repository": (r"[\w.-]+/[\w./-]+", "its owner and name: 'owner/name'"),
    "branch": (r"[\w./-]+", "the name of one branch: 'main'"),
    "backend_url": (
        r"s3://[a-z0-9][a-z0-9.-]{2,62}([/?].*)?",
        "a bucket: 's3://your-state-bucket'",
    ),
    "secrets_provider": (
        r"awskms://\S+",
        "a KMS key: 'awskms://alias/your-key?region=eu-west-1'",
    ),
}
_CLI_FORMS = {
    "version": (r"\d+\.\d+\.\d+", "the version of the program's SDK: '3.272.0'"),
    "sha256": (r"[0-9a-f]{64}", "the 64 digits that the release lists for the archive"),
}
_STAGE_FORMS = {
    "stack": (r"[A-Za-z0-9_.-]{1,80}", "the name of a stack: 'prod'"),
    "role_arn": (r"arn:aws[\w-]*:iam::\d{12}:role/.+", "the ARN of a role"),
}


class PulumiCliArgs(TypedDict):
    """The Pulumi CLI that deploys."""

    version: str
    """Its version, that of the program's SDK: `3.272.0`."""
    sha256: str
    """SHA-256 of `pulumi-v<version>-linux-x64.tar.gz`, which the release lists; a build that gets
    another file fails."""


class DeliveryStageArgs(TypedDict):
    """A Pulumi stack that a pipeline brings up."""

    stack: str
    """Its name: `prod`."""
    role_arn: pulumi.Input[str]
    """ARN of the role that deploys it, in this account or another one. It reads and writes the
    state, makes all resources, and must trust this stage's role of `deployer_role_arns`."""
    manual_approval: NotRequired[bool]
    """Whether each run shows a preview and waits for a person. Default: true, but for the first
    stage."""


def check_forms(problems: Problems, args: Mapping[str, object]) -> None:
    """Check the names and addresses among a component's own arguments."""
    _check_forms(problems, "", args, _FORMS)


def check_cli(problems: Problems, cli: PulumiCliArgs) -> None:
    """Check the `pulumi_cli` argument."""
    problems.unknown(cli, PulumiCliArgs.__annotations__)
    _check_forms(problems, "pulumi_cli.", cli, _CLI_FORMS)


def check_stages(problems: Problems, stages: Sequence[DeliveryStageArgs]) -> None:
    """Check the `stages` argument."""
    problems.that(bool(stages), "stages", "name at least one stack")
    taken = [*_TAKEN]
    for index, stage in enumerate(stages):
        where = f"stages[{index}]."
        problems.unknown(stage, DeliveryStageArgs.__annotations__)
        _check_forms(problems, where, stage, _STAGE_FORMS)
        stack = stage.get("stack", "")
        problems.that(stack not in taken, f"{where}stack", f"'{stack}' is taken already")
        taken.append(stack)


def _check_forms(
    problems: Problems,
    prefix: str,
    args: Mapping[str, object],
    forms: Mapping[str, tuple[str, str]],
) -> None:
    """Refuse what does not look as it must; an Output is not known yet."""
    for key, (form, hint) in forms.items():
        given = args.get(key, _DEFAULTS.get(key, ""))
        fine = not isinstance(given, str) or re.fullmatch(form, given) is not None
        problems.that(fine, f"{prefix}{key}", f"is {given!r}; give {hint}")
