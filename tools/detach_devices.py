"""Detach the IoT policy of a stack from its devices: `python -m tools.detach_devices [--dry-run]`.

AWS IoT does not delete a policy that is attached to a certificate, and the certificates of devices
do not belong to the stack. Run it before `pulumi destroy`. From then on the devices cannot connect;
things and certificates stay.
"""

import argparse
import os
import sys
from typing import TYPE_CHECKING

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from .stack_outputs import CommandError, add_stack_options, find_system

if TYPE_CHECKING:
    from types_boto3_iot import IoTClient


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 on success, else 1.
    """
    options = _parser().parse_args(arguments)
    try:
        policy = options.policy or _policy_of_stack(options)
        count = detach(boto3.client("iot"), policy, options.dry_run)
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"detach_devices: {error}", file=sys.stderr)
        return 1
    done = "would be detached" if options.dry_run else "detached"
    print(f"{policy}: {done} from {count} certificates and groups")
    return 0


def detach(iot: "IoTClient", policy: str, dry_run: bool) -> int:
    """Detach a policy from everything that it is attached to. Return the number of targets.

    Args:
        iot: client of AWS IoT.
        policy: name of the policy.
        dry_run: only count.
    """
    pages = iot.get_paginator("list_targets_for_policy").paginate(policyName=policy)
    targets = [target for page in pages for target in page["targets"]]
    for target in [] if dry_run else targets:
        iot.detach_policy(policyName=policy, target=target)
    return len(targets)


def _policy_of_stack(options: argparse.Namespace) -> str:
    system = find_system(options.system, options.stack, options.outputs)
    os.environ.update(system.environment)
    return system["thingPolicy"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.detach_devices",
        description="Detach the IoT policy of an IngestionPipeline from the certificates of its "
        "devices, so that the stack can be destroyed.",
    )
    parser.add_argument(
        "--policy",
        metavar="NAME",
        help="name of the policy, the output thing_policy_name (default: that of the stack)",
    )
    parser.add_argument(
        "--system",
        default="telemetry",
        metavar="NAME",
        help="the stack output that holds the outputs of the system (default: %(default)s)",
    )
    add_stack_options(parser)
    parser.add_argument(
        "--dry-run", action="store_true", help="count the certificates, and change nothing"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
