"""Generate typed clients: `python -m tools.client [--api todo] [--out clients]`.

For each document in `apis/`, it writes a Python package to `<out>/<api>/python`, TypeScript types
to `<out>/<api>/typescript` and a reference to `<out>/<api>/reference.md`. The same document gives
the same bytes. The TypeScript types require npm; without it, the command prints a note.
"""

import argparse
import sys
from pathlib import Path

from . import api_reference, python_client, typescript_types
from .stack_outputs import CommandError

APIS = Path(__file__).resolve().parents[1] / "apis"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if all clients are written, else 1."""
    options = _parser().parse_args(arguments)
    try:
        write_clients(_documents(options.api), options.out)
    except CommandError as error:
        print(f"client: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.client",
        description="Generate Python clients, TypeScript types and references for the APIs.",
    )
    parser.add_argument("--api", help="the API, such as todo (default: all)")
    parser.add_argument(
        "--out", type=Path, default=Path("clients"), help="output folder (default: clients)"
    )
    return parser


def _documents(api: str | None) -> list[Path]:
    documents = sorted(APIS.glob("*.yaml"))
    chosen = [each for each in documents if api in (None, each.stem)]
    if not chosen:
        known = ", ".join(each.stem for each in documents)
        raise CommandError(f"--api {api}: no such API in apis/; it has {known or 'none'}")
    return chosen


def write_clients(documents: list[Path], out: Path) -> None:
    """Write clients and references of OpenAPI documents, and print their paths.

    Raises:
        CommandError: no client can be generated from a document or a part of it.
    """
    npm = typescript_types.find_npm()
    for document in documents:
        folder = out / document.stem
        print(api_reference.write(document, folder / "reference.md"))
        print(python_client.write(document, folder / "python"))
        if npm:
            print(typescript_types.write(npm, document, folder / "typescript"))
    if not npm:
        print("client: no TypeScript types: npm is missing; install Node.js 20 or newer")


if __name__ == "__main__":
    sys.exit(main())
