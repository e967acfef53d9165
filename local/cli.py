"""The command line of local mode."""

import argparse
import sys
from pathlib import Path

from local import background
from local.errors import LocalError
from local.folder import Folder
from local.session import Session
from local.settings import UpSettings
from local.sign_in import sign_in

PROJECT = Path(__file__).resolve().parents[1]


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns its exit code: 0, 1 after an error, 130 when interrupted."""
    options = _parser().parse_args(arguments)
    project = Path(options.project).resolve()
    try:
        if options.command == "down":
            return background.stop(Folder(project))
        if options.command == "sign-in":
            return sign_in(Folder(project), options.email, options.password)
        settings = _settings(options, project)
        return background.start(settings) if options.detach else Session(settings).run()
    except LocalError as error:
        for problem in error.problems:
            print("error: " + problem.replace("\n", "\n  "), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _settings(options: argparse.Namespace, project: Path) -> UpSettings:
    systems = tuple(each.strip() for each in options.systems.split(",") if each.strip())
    return UpSettings(project, options.stack, systems, options.port, options.ready_fd)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    parser.add_argument("--project", default=PROJECT, help=argparse.SUPPRESS)
    commands = parser.add_subparsers(dest="command", required=True)
    up = commands.add_parser("up", help="run a stack on this machine until Ctrl-C")
    up.add_argument("--stack", default="dev", help="which Pulumi.<stack>.yaml (default: dev)")
    up.add_argument("--systems", default="", help="comma-separated; default: what the stack says")
    up.add_argument("--port", type=_port, default=4566, help="of the endpoint (default: 4566)")
    up.add_argument("--detach", action="store_true", help="return when all is ready")
    up.add_argument("--ready-fd", type=int, help=argparse.SUPPRESS)
    commands.add_parser("down", help="stop what `up` started")
    user = commands.add_parser("sign-in", help="print a user's token and credentials for the shell")
    user.add_argument("email")
    user.add_argument("--password", default="Correct-horse-1", help="(default: %(default)s)")
    return parser


def _port(text: str) -> int:
    if not text.isdigit() or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"'{text}' is not a port (0 to 65535)")
    return int(text)
