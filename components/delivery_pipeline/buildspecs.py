"""Buildspecs of the CodeBuild projects of a DeliveryPipeline, as JSON."""

import json
from collections.abc import Sequence

CHECK = ("bash .ci/run",)
# The script of the branch previews the change, by the rules of the branch.
PREVIEW = (
    "make .venv/local",
    'git fetch --quiet origin "$BRANCH"',
    'base="$(mktemp -d)/base"; git worktree add --quiet --detach "$base" FETCH_HEAD',
    'bash "$base/.ci/preview" FETCH_HEAD "$(mktemp -d)"'
    ' $(test "$DATA_LOSS" = refused || printf -- " --accept-loss=%s" $DATA_LOSS)',
)
PREPARE = ("make .venv/uv .venv/policy",)

_INSTALL_PULUMI = (
    "archive=pulumi-v$PULUMI_VERSION-linux-x64.tar.gz",
    "curl --fail --silent --show-error --location --output ~/pulumi.tar.gz"
    ' "https://get.pulumi.com/releases/sdk/$archive"',
    'echo "$PULUMI_SHA256  $HOME/pulumi.tar.gz" | sha256sum --check --quiet',
    "tar --extract --file ~/pulumi.tar.gz --directory /usr/local/bin --strip-components 1",
)
# With a profile, the SDKs renew the credentials, which expire after an hour if a role assumes
# another role ("Methods to assume a role" in the IAM user guide).
_ASSUME_ROLE = (
    "mkdir -p ~/.aws",
    "printf '[profile deploy]\\nrole_arn = %s\\ncredential_source = EcsContainer\\n'"
    ' "$ROLE_ARN" > ~/.aws/config',
    "export AWS_PROFILE=deploy",
)
_CHECK_SECRETS = (
    'grep --quiet --line-regexp --fixed-strings "secretsprovider: $SECRETS_PROVIDER"'
    ' "Pulumi.$STACK.yaml" ||'
    " { echo \"error: Pulumi.$STACK.yaml names another secrets provider; run 'pulumi stack init"
    " $STACK --secrets-provider $SECRETS_PROVIDER' and commit the file\" >&2; exit 1; }"
)


def commands_buildspec(python: str, commands: Sequence[str]) -> str:
    """Return the buildspec that runs commands in a clone of the repository.

    Args:
        python: minor version of Python.
        commands: commands to run in order; the first one that fails ends the build.
    """
    return _buildspec(python, [], commands)


def deploy_buildspec(python: str, prepare: Sequence[str], policy_pack: str) -> str:
    """Return the buildspec that runs the Pulumi command `$OPERATION` on a stack.

    Args:
        python: minor version of Python.
        prepare: commands to run before `pulumi install`.
        policy_pack: folder of the policy pack; empty for none.
    """
    pack = f" --policy-pack {policy_pack}" if policy_pack else ""
    run = f'pulumi $OPERATION --stack "$STACK" --non-interactive --diff{pack}'
    install = [*_INSTALL_PULUMI, _CHECK_SECRETS]
    return _buildspec(python, install, [*prepare, *_ASSUME_ROLE, "pulumi install", run])


def _buildspec(python: str, install: Sequence[str], commands: Sequence[str]) -> str:
    versions = {"runtime-versions": {"python": python}}
    phases = {
        "install": {**versions, **({"commands": list(install)} if install else {})},
        "build": {"commands": list(commands)},
    }
    env = {"shell": "bash", "git-credential-helper": "yes"}
    return json.dumps({"version": "0.2", "env": env, "phases": phases})
