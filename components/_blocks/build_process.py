"""Build processes: the commands that build bundles, with neither the caller's settings nor secrets.

Equal inputs give equal bundles only if nothing else has a say, and code that builds a package must
not see credentials. So commands get the variables that are listed here: where things are on this
machine, and how to reach the network. Everything else stays out, such as `AWS_*`, tokens of CI, and
the variables with which uv installs other things or installs them differently.
"""

import os
import re
import subprocess
from collections.abc import Sequence

import pulumi
import uv

_KEPT = re.compile(
    # This machine: programs, home (for ~/.netrc), caches and temporary files.
    r"PATH|PATHEXT|LD_LIBRARY_PATH|HOME|USERPROFILE|APPDATA|LOCALAPPDATA|SYSTEMROOT|COMSPEC"
    r"|TMPDIR|TEMP|TMP|LANG|LC_ALL|XDG_CACHE_HOME|XDG_DATA_HOME"
    # The network: proxies and certificates.
    r"|(HTTP|HTTPS|ALL|NO)_PROXY|SSL_CERT_FILE|SSL_CERT_DIR|SSL_CLIENT_CERT|NETRC"
    # Where uv fetches packages from. Their hashes are pinned, so they are the same from anywhere.
    r"|UV_(DEFAULT_INDEX|INDEX|INDEX_\w+|EXTRA_INDEX_URL|NO_INDEX|FIND_LINKS|KEYRING_PROVIDER)"
    r"|UV_(OFFLINE|HTTP_\w+|INSECURE_HOST|NATIVE_TLS|SYSTEM_CERTS|CACHE_DIR)"
    # Where uv fetches interpreters from and keeps them.
    r"|UV_PYTHON_(DOWNLOADS|DOWNLOADS_JSON_URL|INSTALL_DIR|INSTALL_MIRROR|CACHE_DIR)",
    re.IGNORECASE,
)


class BundleError(pulumi.RunError):
    """A bundle cannot be built; the message says why and what to do."""


def run(*command: Sequence[str], problem: str) -> str:
    """Run a command given in parts.

    Returns:
        What it prints to its standard output, without white space around it.

    Raises:
        BundleError: it fails; what it says follows the `problem`.
    """
    done = subprocess.run(
        [word for part in command for word in part],
        env=_environment(),
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise BundleError(f"{problem}: {done.stderr.strip() or done.stdout.strip()}")
    return done.stdout.strip()


def run_uv(*command: Sequence[str], problem: str) -> str:
    """Run uv, which reads no pyproject.toml and no uv.toml; see `run`."""
    return run([uv.find_uv_bin(), "--no-config", "--no-progress"], *command, problem=problem)


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if _KEPT.fullmatch(name)}
