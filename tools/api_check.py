"""Find breaking changes of the APIs: `python -m tools.api_check`.

Compares the released document of each API, `apis/released/<api>.yaml`, with the current one,
`apis/<api>.yaml`. A breaking change requires a new major version in `info.version`.
"""

import argparse
import sys
from pathlib import Path

from . import api_document
from .api_changes import breaking_changes
from .api_document import Document
from .stack_outputs import CommandError

APIS = Path(__file__).resolve().parents[1] / "apis"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if no API has a breaking change, else 1."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.api_check",
        description="Find breaking changes of the API documents since their last release.",
    )
    parser.add_argument(
        "--apis",
        type=Path,
        default=APIS,
        metavar="FOLDER",
        help="folder of the documents (default: apis)",
    )
    try:
        problems = check(parser.parse_args(arguments).apis)
    except CommandError as error:
        problems = [str(error)]
    for problem in problems:
        print(f"api_check: {problem}", file=sys.stderr)
    return 1 if problems else 0


def check(apis: Path) -> list[str]:
    """Return the problems that prevent a release of the documents, one line each.

    Args:
        apis: folder of the current documents; its folder `released` has the released ones.

    Raises:
        CommandError: a document cannot be read.
    """
    problems = []
    released = {each.stem: each for each in sorted((apis / "released").glob("*.yaml"))}
    for name, path in released.items():
        today = apis / f"{name}.yaml"
        if today.is_file():
            problems += _check(name, api_document.load(path), api_document.load(today))
        else:
            problems.append(f"{name}: the API is removed; restore {today}")
    for each in sorted(apis.glob("*.yaml")):
        if each.stem not in released:
            print(f"{each.stem}: not released yet")
    return problems


def _check(name: str, old: Document, new: Document) -> list[str]:
    if new.version < old.version:
        return [f"{name}: info.version is lower than the released one"]
    changes = breaking_changes(old, new)
    major = old.version[0] + 1
    if new.version[0] >= major:
        print(f"{name}: breaking changes, allowed by the new major version: {len(changes)}")
        return []
    lines = [f"{name}: {what} ({_places(where)})" for what, where in changes.items()]
    if lines:
        lines.append(f"{name}: revert the breaking changes, or set info.version to {major}.0.0")
    else:
        print(f"{name}: no breaking changes")
    return lines


def _places(places: list[str]) -> str:
    others = len(places) - 1
    return places[0] + (f" and {others} more" if others else "")


if __name__ == "__main__":
    sys.exit(main())
