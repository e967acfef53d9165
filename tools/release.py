"""Release deployed functions: `python -m tools.release --stack prod [--api todo]`.

If an API has a `release`, `pulumi up` publishes new versions of its functions, but does not change
their alias `live`. This command makes CodeDeploy shift each alias to the newest version step by
step, and waits. Functions are released in parallel. CodeDeploy rolls back when an alarm of the API
goes off.
"""

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from .stack_outputs import CommandError, System, add_stack_options, find_system

ALIAS = "live"
POLL_SECONDS = 5.0
_CONFIG = Config(retries={"mode": "standard", "total_max_attempts": 5})
_ENDS = ("Succeeded", "Failed", "Stopped")


@dataclass(frozen=True)
class Move:
    """The move of an alias from one version to another."""

    function: str
    old: str
    new: str
    deployment: str

    def __str__(self) -> str:
        return f"{self.function}: version {self.old} -> {self.new}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if every alias is at the newest version, else 1."""
    options = _parser().parse_args(arguments)
    try:
        system = find_system(options.api, options.stack, options.outputs)
        os.environ.update(system.environment)
        return 0 if release(system) else 1
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.release",
        description="Shift traffic to the newest versions of an API's functions, step by step.",
    )
    parser.add_argument(
        "--api",
        default="todo",
        help="the stack output that holds the outputs of the API (default: todo)",
    )
    add_stack_options(parser)
    return parser


def release(system: System) -> bool:
    """Start a deployment for each outdated alias, wait for all, and print one line each.

    Returns:
        Whether all deployments succeeded.

    Raises:
        CommandError: the API has no `release`.
    """
    application = system["releaseApplication"]
    codedeploy = boto3.client("codedeploy", config=_CONFIG)  # type: ignore[call-overload,unused-ignore]
    lambda_ = boto3.client("lambda", config=_CONFIG)
    succeeded, moves = True, []
    for function in _functions(codedeploy, application):
        try:
            move = _start(codedeploy, lambda_, application, function)
        except ClientError as error:  # continue with the other functions
            print(f"{function}: not released: {error}")
            succeeded = False
            continue
        if move is None:
            print(f"{function}: is at the newest version")
        else:
            print(f"{move}: started as {move.deployment}", flush=True)
            moves.append(move)
    ends = [_wait(codedeploy, move) for move in moves]
    return succeeded and all(ends)


def _functions(codedeploy: Any, application: str) -> Iterator[str]:
    """Yield the names of the functions, which are the names of the deployment groups."""
    pages = codedeploy.get_paginator("list_deployment_groups")
    for page in pages.paginate(applicationName=application):
        yield from page["deploymentGroups"]


def _start(codedeploy: Any, lambda_: Any, application: str, function: str) -> Move | None:
    """Start the deployment of one function; return None if its alias is at the newest version."""
    old = lambda_.get_alias(FunctionName=function, Name=ALIAS)["FunctionVersion"]
    new = _newest(lambda_, function)
    if new == old:
        return None
    started = codedeploy.create_deployment(
        applicationName=application,
        deploymentGroupName=function,
        description=f"version {old} to {new}",
        revision={"revisionType": "AppSpecContent", "appSpecContent": app_spec(function, old, new)},
    )
    return Move(function, old, new, started["deploymentId"])


def _newest(lambda_: Any, function: str) -> str:
    pages = lambda_.get_paginator("list_versions_by_function").paginate(FunctionName=function)
    versions = [each["Version"] for page in pages for each in page["Versions"]]
    return str(max(int(version) for version in versions if version != "$LATEST"))


def app_spec(function: str, old: str, new: str) -> dict[str, str]:
    """Return the AppSpec of the move, and its digest.

    https://docs.aws.amazon.com/codedeploy/latest/userguide/reference-appspec-file-structure-resources.html
    """
    properties = {
        "Name": function,
        "Alias": ALIAS,
        "CurrentVersion": old,
        "TargetVersion": new,
    }
    resource = {function: {"Type": "AWS::Lambda::Function", "Properties": properties}}
    content = json.dumps({"version": 0.0, "Resources": [resource]})
    return {"content": content, "sha256": hashlib.sha256(content.encode()).hexdigest()}


def _wait(codedeploy: Any, move: Move) -> bool:
    """Wait for the end of a deployment; return whether it succeeded."""
    while True:
        info = codedeploy.get_deployment(deploymentId=move.deployment)["deploymentInfo"]
        if info["status"] in _ENDS:
            break
        time.sleep(POLL_SECONDS)
    if info["status"] == "Succeeded":
        print(f"{move}: released", flush=True)
        return True
    reason = info.get("errorInformation", {}).get("message", info["status"])
    back = info.get("rollbackInfo", {}).get("rollbackDeploymentId")
    after = f"; rolled back by {back}" if back else ""
    print(f"{move}: {info['status'].lower()}: {reason}{after}", flush=True)
    return False


if __name__ == "__main__":
    sys.exit(main())
