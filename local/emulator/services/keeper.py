"""Main program of the parent of a service's process, which ends with its standard input.

The server writes one JSON line (command, folder, environment, and the user and group if they are
others) and keeps standard input open: its end, also after kill -9, kills the process and all its
children. SIGTERM is passed on. It runs under the interpreter of functions, so it imports only the
standard library.
"""

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from types import FrameType

START_FAILED = 127


def main() -> int:
    settings = json.loads(sys.stdin.buffer.readline())
    signals: list[int] = []
    child: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int, _frame: FrameType | None) -> None:
        signals.append(number)
        for each in child:
            each.send_signal(number)

    signal.signal(signal.SIGTERM, pass_on)
    user, group = settings.get("user") or (None, None)
    try:
        process = subprocess.Popen(
            settings["command"],
            cwd=settings["folder"],
            env=settings["environment"],
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
        )
    except OSError as error:
        print(f"cannot start {settings['command'][0]}: {error}", file=sys.stderr)
        return START_FAILED
    child.append(process)
    if signals:
        process.terminate()
    threading.Thread(target=_kill_at_end, args=(process.pid,), daemon=True).start()
    status = process.wait()
    # Children that the process left behind end with it, as in a container.
    _kill(process.pid)
    return 128 - status if status < 0 else status


def _kill_at_end(group: int) -> None:
    while os.read(0, 1024):
        pass
    _kill(group)


def _kill(group: int) -> None:
    # macOS answers PermissionError for a group whose processes have all ended.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


sys.exit(main())
