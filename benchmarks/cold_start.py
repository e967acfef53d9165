"""Cold start: the import of each handler in a new interpreter of the Lambda runtime."""

import os
import tempfile
import zipfile
from collections.abc import Mapping
from pathlib import Path

from benchmarks.functions import Deployed, deployed
from benchmarks.report import Result, Target
from benchmarks.rounds import Case, Times, interleave, output, timed
from local.emulator.process import RUNTIME

COLUMNS = (
    "In a new interpreter",
    "ms",
    "Import",
    "Import and a client",
    "Third-party part",
    "Without .pyc",
)
MAX_RATIO = 1.25
CLIENT = "import aws_clients; aws_clients.Clients().dynamodb"
REFERENCES = {
    "`import boto3` and a client": "import boto3; boto3.client('dynamodb')",
    "`import boto3`": "import boto3",
    "nothing": "pass",
}
FLOOR = next(iter(REFERENCES))
SETTINGS = {
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_CONFIG_FILE": os.devnull,
    "PYTHONDONTWRITEBYTECODE": "1",  # as on Lambda, where /var/task is read-only
}


def measure(rounds: int) -> Result:
    """Import each handler from its unpacked bundle, compared with boto3 and one client."""
    functions = deployed()
    result = Result("Cold start", COLUMNS)
    with tempfile.TemporaryDirectory() as scratch:
        cases = {name: _import(code) for name, code in REFERENCES.items()}
        for function in functions:
            cases |= _cases(function, Path(scratch))
        times = interleave(cases, 2 * rounds)  # each is short
    floor = times[FLOOR]
    result.rows += [
        (
            name,
            f"{times[name].median * 1000:.0f}",
            f"{times[name].ratio_to(floor):.2f}x",
            *("",) * 3,
        )
        for name in REFERENCES
    ]
    for function in functions:
        result.rows.append(_row(function, times))
        if not _packages(function):
            result.targets.append(_target(function.name, times[function.name].ratio_to(floor)))
    result.notes += [
        f"Import: relative to {FLOOR}. Handlers create their clients on the first event; the next "
        "column adds one client, created in the same way.",
        "Third-party part: import of its packages after boto3, relative to the same reference; "
        "handlers with such packages have no target.",
        "Without .pyc: relative to the same bundle with .pyc files. `/var/task` is read-only, so "
        "every cold start would compile again.",
    ]
    return result


def _cases(function: Deployed, scratch: Path) -> dict[str, Case]:
    name, load = function.name, f"import {function.module}"
    compiled, source = scratch / name, scratch / f"{name} without bytecode"
    for folder in (compiled, source):
        with zipfile.ZipFile(function.archive) as archive:
            archive.extractall(folder)
    for bytecode in source.rglob("*.pyc"):
        bytecode.unlink()
    cases = {
        name: _import(load, compiled),
        f"{name} client": _import(f"{load}; {CLIENT}", compiled),
        f"{name} source": _import(load, source),
    }
    if packages := _packages(function):
        cases[f"{name} packages"] = _import_after_boto3(packages, compiled)
    return cases


def _import(code: str, folder: Path | None = None) -> Case:
    return lambda: timed(lambda: _run(code, folder))


def _import_after_boto3(modules: list[str], folder: Path) -> Case:
    code = f"""
import boto3, time
started = time.perf_counter()
import {", ".join(modules)}
print(time.perf_counter() - started)
"""
    return lambda: float(_run(code, folder))


def _run(code: str, folder: Path | None) -> str:
    path = {"PYTHONPATH": str(folder)} if folder else {}
    return output(RUNTIME, "-s", "-c", code, folder=folder, environment=SETTINGS | path)


def _packages(function: Deployed) -> list[str]:
    """Return the third-party packages at the root of the bundle."""
    own = {function.module.partition(".")[0], *(each.name for each in function.bundle.libraries)}
    with zipfile.ZipFile(function.archive) as archive:
        roots = {each.partition("/")[0] for each in archive.namelist()}
    return sorted(each for each in roots - own if "." not in each)


def _row(function: Deployed, times: Mapping[str, Times]) -> tuple[str, ...]:
    own, floor = times[function.name], times[FLOOR]
    packages = times.get(f"{function.name} packages")
    return (
        function.name,
        f"{own.median * 1000:.0f}",
        f"{own.ratio_to(floor):.2f}x",
        f"{times[f'{function.name} client'].ratio_to(floor):.2f}x",
        f"{packages.ratio_to(floor):.2f}x" if packages else "",
        f"{times[f'{function.name} source'].ratio_to(own):.2f}x",
    )


def _target(name: str, ratio: float) -> Target:
    return Target(
        f"{name}: at most {MAX_RATIO}x the time of {FLOOR}", f"{ratio:.2f}x", ratio <= MAX_RATIO
    )
