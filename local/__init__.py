"""Local mode: runs the unmodified program of this project against an embedded AWS."""

import os
import sys

# Here functions run on this machine's Python, which Lambda need not have: see
# components/_blocks/runtimes.py. Processes of local mode inherit it.
os.environ["COLONNADE_LOCAL_PYTHON"] = f"{sys.version_info.major}.{sys.version_info.minor}"
