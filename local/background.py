"""`up --detach` and `down`."""

import os
import select
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

from local.errors import LocalError
from local.folder import Folder
from local.settings import UpSettings

READY = b"ready"
STOP_SECONDS = 30.0


def start(settings: UpSettings) -> int:
    """Runs `up` in the background. Returns 0 when it is ready and 1 when it has failed.

    Prints the output of `up` until then; the rest of the output is in `.local/log`.
    """
    folder = Folder(settings.project)
    folder.check()  # so that the error appears here and not in the log
    reader, writer = os.pipe()
    with open(os.open(folder.log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "local", *settings.arguments(), f"--ready-fd={writer}"],
            cwd=Path(__file__).resolve().parents[1],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=[writer],
            start_new_session=True,
        )
    os.close(writer)
    try:
        with folder.log.open() as log_text:
            ready = _show_until_ready(reader, log_text)
    except BaseException:
        process.send_signal(signal.SIGTERM)
        process.wait()
        raise
    finally:
        os.close(reader)
    if ready:
        print(f"running in the background as process {process.pid}; log: {folder.log}")
        return 0
    process.wait()
    return 1


def _show_until_ready(reader: int, log: IO[str]) -> bool:
    """Prints the log until the process writes to `reader` (ready) or closes it (failed)."""
    while not select.select([reader], [], [], 0.1)[0]:
        _show(log.read())
    ready = os.read(reader, len(READY)) == READY
    _show(log.read())
    return ready


def _show(text: str) -> None:
    """Prints `text`, from its first error on to standard error; errors come last."""
    fine, error, rest = text.partition("error: ")
    print(fine, end="", flush=True)
    print(error + rest, end="", flush=True, file=sys.stderr)


def stop(folder: Folder) -> int:
    """Stops the running `up` and waits until its process has ended."""
    owner = folder.owner()
    if owner is None:
        print("nothing is running")
        return 0
    end = time.monotonic() + STOP_SECONDS
    signaled = 0
    while owner is not None:
        if time.monotonic() > end:
            raise LocalError(f"process {owner} did not stop within {STOP_SECONDS:.0f} seconds")
        if owner and owner != signaled:  # 0 while the process starts
            os.kill(owner, signal.SIGTERM)
            signaled = owner
        time.sleep(0.05)
        owner = folder.owner()
    print("stopped")
    return 0
