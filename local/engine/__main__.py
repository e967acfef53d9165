"""An engine process: `python -m local.engine` runs one stack and ends.

It reads one line from standard input, a JSON object with the fields of `local.engine.program.Run`,
and writes `local.engine.reports` to standard output. Its working directory is the program's folder.
When its parent goes away, so does it: the parent's end of standard input closes.
"""

import json
import os
import sys
import threading

import pulumi_aws  # noqa: F401  imported while the emulator is still starting

from local.engine.program import Run, execute
from local.engine.reports import Reports


def main() -> int:
    """Returns the exit code: 0 when every resource was made."""
    reports = Reports(os.dup(1))
    os.dup2(2, 1)  # what the program prints must not come between the reports
    request = sys.stdin.readline()
    if not request:
        return 1
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return 0 if execute(Run(**json.loads(request)), reports) else 1


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    code = main()
    sys.stderr.flush()
    os._exit(code)  # without waiting for threads that a failed program left behind
