"""The command line of local mode."""

import argparse
import math
import sys
from pathlib import Path

from local import background
from local.errors import LocalError
from local.folder import Folder
from local.session import ENGINES, Session
from local.settings import UpSettings
from local.sign_in import sign_in

PROJECT = Path(__file__).resolve().parents[1]
OPERATIONS = ("preview", "up", "refresh", "destroy")


def main(arguments: list[str] | None = None) -> int:
    """Runs one command. Returns 0, 1 after an error, or 130 when interrupted."""
    options = _parser().parse_args(arguments)
    project = Path(options.project).resolve()
    try:
        return _run(options, project)
    except LocalError as error:
        for problem in error.problems:
            print("error: " + problem.replace("\n", "\n  "), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _run(options: argparse.Namespace, project: Path) -> int:
    if options.command == "down":
        return background.stop(Folder(project))
    if options.command == "sign-in":
        return sign_in(Folder(project), options.system, options.email, options.password)
    if options.command == "devices":
        return _devices(options, project)
    if options.command == "pulumi":
        from local.operate import operate  # slow imports that no other command needs

        return operate(Folder(project), options.operation)
    settings = _settings(options, project)
    return background.start(settings) if options.detach else Session(settings).run()


def _settings(options: argparse.Namespace, project: Path) -> UpSettings:
    systems = tuple(each.strip() for each in options.systems.split(",") if each.strip())
    return UpSettings(
        project, options.stack, systems, options.port, options.engine, options.ready_fd
    )


def _devices(options: argparse.Namespace, project: Path) -> int:
    from local.devices.command import Options, run  # slow imports that no other command needs
    from local.devices.plan import Shares

    shares = Shares(options.bad / 100, options.duplicate / 100, options.late / 100)
    return run(
        Folder(project),
        Options(options.count, options.records, options.rate, shares, options.hours, options.seed),
    )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--project", default=PROJECT, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run a stack on this machine until Ctrl-C")
    up.add_argument("--stack", default="dev", help="name of Pulumi.<stack>.yaml (default: dev)")
    up.add_argument("--systems", default="", help="comma-separated (default: all of Pulumi.yaml)")
    up.add_argument("--port", type=_port, default=4566, help="port of the endpoint (default: 4566)")
    up.add_argument("--engine", choices=ENGINES, default="embedded", help="(default: embedded)")
    up.add_argument("--detach", action="store_true", help="return when the stack is ready")
    up.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    commands.add_parser("down", help="stop what `up` started")
    pulumi = commands.add_parser(
        "pulumi", help="run a Pulumi operation on the stack of `up --engine pulumi`"
    )
    pulumi.add_argument("operation", choices=OPERATIONS)
    user = commands.add_parser("sign-in", help="print a user's token and credentials for the shell")
    user.add_argument("email")
    user.add_argument(
        "--system", default="todo", help="system that the user belongs to (default: todo)"
    )
    user.add_argument("--password", default="Correct-horse-1", help="(default: %(default)s)")
    devices = commands.add_parser("devices", help="publish readings as a fleet of devices")
    devices.add_argument("--count", type=_count, default=20, help="number of devices (default: 20)")
    devices.add_argument(
        "--records", type=_count, default=2000, help="total number of records (default: 2000)"
    )
    devices.add_argument(
        "--rate", type=_amount, default=0, help="messages per second (default: unlimited)"
    )
    for kind, share in (("bad", 2), ("duplicate", 3), ("late", 5)):
        about = f"percent of messages that are {kind} (default: {share})"
        devices.add_argument(f"--{kind}", type=_percent, default=share, help=about)
    devices.add_argument(
        "--hours",
        type=_amount,
        default=0,
        help="spread the readings over this many past hours (default: 0)",
    )
    devices.add_argument(
        "--seed", type=int, default=0, help="seed of the random numbers (default: 0)"
    )
    return parser


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number from 1")
    return int(text)


def _amount(text: str) -> float:
    try:
        amount = float(text)
    except ValueError:
        amount = -1
    if not 0 <= amount < math.inf:
        raise argparse.ArgumentTypeError(f"'{text}' is not a number from 0")
    return amount


def _percent(text: str) -> int:
    if not text.isdigit() or int(text) > 30:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole percentage from 0 to 30")
    return int(text)


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port (0 to 65535)")
    return int(text)
