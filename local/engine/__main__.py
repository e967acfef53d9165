"""An engine process: `python -m local.engine` runs one stack and ends.

It reads one line from standard input, a JSON object with the fields of `local.engine.program.Run`,
and writes `local.engine.reports` to standard output. Its working directory is the program's folder.
"""

import os

import pulumi_aws  # noqa: F401  imported while the emulator starts

from local.engine.process_main import serve
from local.engine.program import execute

if __name__ == "__main__":
    os._exit(serve(execute))  # does not wait for threads of a failed program
