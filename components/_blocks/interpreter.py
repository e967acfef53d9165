"""Interpreters: the Python that compiles the bytecode of bundles for one version of the runtime."""

import os
import sys
from functools import cache

import pulumi
import uv

from .build_process import BundleError, run, run_uv


@cache
def interpreter(python: str) -> str:
    """Find an interpreter of a minor version, or let uv fetch one.

    Lambda ignores bytecode of another minor version. uv fetches nothing if the variable
    `UV_PYTHON_DOWNLOADS` is `never` or `manual`.

    Returns:
        Path of the interpreter.

    Raises:
        BundleError: there is none on this machine, and uv may not or cannot fetch it.
    """
    if python == f"{sys.version_info.major}.{sys.version_info.minor}":
        return sys.executable
    find = ["python", "find", "--system", f"cpython@{python}"]
    missing = (
        f"bundles for Python {python} need this version here, to compile their bytecode. Run "
        f"`{uv.find_uv_bin()} python install {python}`, or set `functions.python` (in the "
        "platform, the config value `lambdaPython`) to a version that this machine has"
    )
    try:
        return run_uv(find, problem=missing)
    except BundleError:
        if os.environ.get("UV_PYTHON_DOWNLOADS", "automatic") != "automatic":
            raise
    pulumi.log.info(
        f"This machine has no Python {python} for the bytecode of bundles; uv fetches it. Set "
        "UV_PYTHON_DOWNLOADS=never to prevent this."
    )
    run_uv(["python", "install", "--no-bin", f"cpython@{python}"], problem=missing)
    return run_uv([*find, "--managed-python"], problem=missing)


@cache
def standard_library(python: str) -> frozenset[str]:
    """Return the top-level modules that a Python version has on its own.

    Raises:
        BundleError: as `interpreter`.
    """
    code = "import sys; print(*sys.stdlib_module_names, '__main__')"
    problem = f"Python {python} cannot list its modules"
    return frozenset(run([interpreter(python), "-I", "-S", "-c", code], problem=problem).split())
