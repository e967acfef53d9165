"""Release what was deployed: `python -m tools.release --stack prod [--api todo]`.

With a `release`, `pulumi up` publishes new versions of an API's functions and leaves their alias
`live` where it was. This command asks CodeDeploy to move each alias that is behind on to the newest
version, step by step, and waits. Functions are released side by side. CodeDeploy takes all requests
back when an alarm of the API goes off.
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
    """An alias on its way from one version to another."""

    function: str
    old: str
    new: str
    deployment: str

    def __str__(self) -> str:
        return f"{self.function}: version {self.old} -> {self.new}"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every alias is at the newest version, else 1."""
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
        description="Move requests to the newest version of an API's functions, step by step.",
    )
    parser.add_argument("--api", default="todo", help="the system of the API (default: todo)")
    add_stack_options(parser)
    return parser


def release(system: System) -> bool:
    """Start a deployment for each function that is behind, wait for all, and print a line each.

    Returns:
        Whether all went through.

    Raises:
        CommandError: the API is not released by CodeDeploy.
    """
    application = system["releaseApplication"]
    codedeploy = boto3.client("codedeploy", config=_CONFIG)  # type: ignore[call-overload,unused-ignore]
    lambda_ = boto3.client("lambda", config=_CONFIG)
    fine, moves = True, []
    for function in _functions(codedeploy, application):
        try:
            move = _start(codedeploy, lambda_, application, function)
        except ClientError as error:  # the others are on their way: see them through
            print(f"{function}: not released: {error}")
            fine = False
            continue
        if move is None:
            print(f"{function}: is at the newest version")
        else:
            print(f"{move}: started as {move.deployment}", flush=True)
            moves.append(move)
    ends = [_wait(codedeploy, move) for move in moves]
    return fine and all(ends)


def _functions(codedeploy: Any, application: str) -> Iterator[str]:
    """Names of the functions, after which the deployment groups are called."""
    pages = codedeploy.get_paginator("list_deployment_groups")
    for page in pages.paginate(applicationName=application):
        yield from page["deploymentGroups"]


def _start(codedeploy: Any, lambda_: Any, application: str, function: str) -> Move | None:
    """Start the deployment of one function; None when its alias is at the newest version."""
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
    """CodeDeploy's description of the move, and its digest.

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
    """See a deployment through to its end; its group's strategy says how long that takes."""
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
