"""Bring failed work back: `python -m tools.recover orders|telemetry|mails|stream [--dry-run]`.

Run it after you have fixed the cause. Everything is sent again first and deleted afterwards, so an
interruption repeats work, which the consumers recognize, and loses none.
"""

import argparse
import os
import sys

from botocore.exceptions import BotoCoreError, ClientError

from tools.stack_outputs import CommandError, System, add_stack_options, find_system

from . import failures, mails, orders
from .telemetry import Telemetry


def main(arguments: list[str] | None = None) -> int:
    """Run the command.

    Returns:
        0 when everything was recovered or `--dry-run` was given, else 1.
    """
    options = _parser().parse_args(arguments)
    try:
        remaining = _recover(options)
    except (CommandError, ClientError, BotoCoreError) as error:
        print(f"recover: {error}", file=sys.stderr)
        return 1
    if options.dry_run or not remaining:
        return 0
    print(f"recover: {remaining} could not be recovered and stay where they are", file=sys.stderr)
    return 1


def _recover(options: argparse.Namespace) -> int:
    """Returns how many objects or records could not be recovered."""
    if options.command == "stream":
        return failures.recover(options.bucket, options.function, options.dry_run)
    if options.command == "telemetry":
        return Telemetry(_system(options)).recover(options.dry_run)
    if options.command == "mails":
        return mails.recover(_system(options), options.dry_run)
    return orders.recover(_system(options), options.dry_run)


def _system(options: argparse.Namespace) -> System:
    system = find_system(options.system, options.stack, options.outputs)
    os.environ.update(system.environment)
    return system


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.recover",
        description="Bring failed work back after its cause is fixed. "
        "Work that fails again stays where it is.",
    )
    commands = parser.add_subparsers(
        dest="command", required=True, metavar="orders|telemetry|mails|stream"
    )
    for name, system, summary, description in (
        (
            "orders",
            "orders",
            "failed events of an OutboxPipeline",
            "Send the records of the failures bucket through the relay again, and move the "
            "messages of the dead-letter queues back to the queue of the consumer.",
        ),
        (
            "telemetry",
            "telemetry",
            "rejected records of an IngestionPipeline",
            "Send the rejected records that the deployed transform now accepts to the pipeline "
            "again, and move the messages of the reports' dead-letter queue back to its queue.",
        ),
        (
            "mails",
            "blog",
            "welcome mails of a PublicBlog that were given up",
            "Open the welcome mails that were given up again. The sweeper of the WelcomeMailer "
            "sends them within a minute.",
        ),
    ):
        command = commands.add_parser(name, help=summary, description=description)
        command.add_argument(
            "--system",
            default=system,
            metavar="NAME",
            help="the stack output that holds the outputs of the system (default: %(default)s)",
        )
        add_stack_options(command)
        _add_dry_run(command)
    stream = commands.add_parser(
        "stream",
        help="failed records of a StreamConsumer",
        description="Invoke the function of a stream consumer again with the records of its "
        "failures bucket, with the AWS settings of the shell.",
    )
    stream.add_argument(
        "--bucket", required=True, help="the output failuresBucketName of the consumer"
    )
    stream.add_argument("--function", required=True, help="the output functionName of the consumer")
    _add_dry_run(stream)
    return parser


def _add_dry_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--dry-run", action="store_true", help="count what would be recovered, and change nothing"
    )


if __name__ == "__main__":
    sys.exit(main())
