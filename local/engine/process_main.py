"""What every engine process does: read what to run, report, end with its parent."""

import json
import os
import sys
import threading
from collections.abc import Callable

from local.engine.program import Run
from local.engine.reports import Reports


def serve(execute: Callable[[Run, Reports], bool]) -> int:
    """Runs the one request of standard input; 0 when every resource was made.

    The process ends when its parent goes away: the parent's end of standard input closes.
    """
    reports = Reports(os.dup(1))
    os.dup2(2, 1)  # what the program prints must not come between the reports
    request = sys.stdin.readline()
    if not request:
        return 1
    threading.Thread(target=_end_with_parent, daemon=True).start()
    code = 0 if execute(Run(**json.loads(request)), reports) else 1
    sys.stderr.flush()
    return code


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)
