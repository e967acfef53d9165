"""The main function of engine processes: read a request, run it, end with the parent."""

import json
import os
import sys
import threading
from collections.abc import Callable

from local.engine.program import Run
from local.engine.reports import Reports


def serve(execute: Callable[[Run, Reports], bool]) -> int:
    """Runs the request on standard input. Returns 0 if every resource was created.

    The process ends when its parent ends, because standard input is closed then.
    """
    reports = Reports(os.dup(1))
    os.dup2(2, 1)  # output of the program must not mix with the reports
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
