"""The emulator's server process: `python -m local.emulator --runtime PYTHON --folder FOLDER`.

It prints `ready PORT` when it answers requests, and ends when its standard input is closed.
"""

import argparse
import importlib.metadata
import os
import secrets
import shutil
import socket
import sys
from pathlib import Path

from .folder import Folder
from .patches import PATCHES, Server
from .settings import MINISTACK, REFUSED, SECRET, replace_environment


def main() -> None:
    options = _options()
    _check_version()
    folder = Folder(options.folder)
    folder.temporary.mkdir(parents=True, exist_ok=True)
    listener = _listen(options.port)
    # Not an argument, which other users of this machine can list.
    secret = os.environ.get(SECRET) or secrets.token_urlsafe(32)
    replace_environment(listener.getsockname()[1], folder.temporary)
    # Imported late: ministack reads its settings on import.
    from .server import serve

    serve(listener, Server(options.runtime, folder, secret), options.unpatched)
    # The server removes the folder because a killed parent cannot.
    shutil.rmtree(folder.path if options.temporary else folder.temporary, ignore_errors=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.emulator", description=__doc__)
    parser.add_argument(
        "--port", type=int, default=0, help="port; 0, the default, takes a free one"
    )
    parser.add_argument(
        "--runtime", type=Path, required=True, help="Python interpreter of functions"
    )
    parser.add_argument(
        "--folder", type=Path, required=True, help="folder for logs and scratch files"
    )
    parser.add_argument("--temporary", action="store_true", help="remove the folder at the end")
    parser.add_argument(
        "--unpatched",
        action="append",
        default=[],
        choices=PATCHES,
        help="leave out a patch (tests)",
    )
    return parser.parse_args()


def _check_version() -> None:
    found = importlib.metadata.version("ministack")
    if found != MINISTACK:
        _refuse(f"the patches fit ministack {MINISTACK}, but {found} is installed")


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(512)
    except OSError:
        _refuse(f"port {port} is in use")
    return listener


def _refuse(reason: str) -> None:
    print(f"error: {reason}", file=sys.stderr)
    raise SystemExit(REFUSED)


if __name__ == "__main__":
    main()
