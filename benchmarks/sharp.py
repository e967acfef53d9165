"""sharp, the usual image library of Node.js, as a reference."""

import os
import shutil
import subprocess
from pathlib import Path

VERSION = "0.35.5"
FOLDER = Path(__file__).resolve().parents[1] / ".colonnade" / "benchmarks" / f"sharp-{VERSION}"


def install() -> str:
    """Install sharp in the cache folder; return the reason if that fails, else an empty string."""
    npm = shutil.which("npm") if shutil.which("node") else None
    if not npm:
        return "npm is missing; install Node.js 20 or newer"
    if (FOLDER / "node_modules" / "sharp").is_dir():
        return ""
    FOLDER.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER)]
    done = subprocess.run([*command, f"sharp@{VERSION}"], capture_output=True, text=True)
    if done.returncode:
        shutil.rmtree(FOLDER, ignore_errors=True)
        return f"npm cannot install sharp: {(done.stderr.splitlines() or ['no reason given'])[0]}"
    return ""


def environment() -> dict[str, str]:
    """Return the environment in which the worker finds sharp."""
    return {**os.environ, "SHARP_FOLDER": str(FOLDER)}
