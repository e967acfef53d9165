"""Write typed clients: `python -m tools.client [--api todo] [--out clients]`.

For each document of `apis/`, a Python package in `<out>/<api>/python`, TypeScript types in
`<out>/<api>/typescript` and a reference to read, `<out>/<api>/reference.md`. The same document
gives the same bytes. Without npm there are no TypeScript types, and one line that says so.
"""

import argparse
import sys
from pathlib import Path

from . import api_reference, python_client, typescript_types
from .stack_outputs import CommandError

APIS = Path(__file__).resolve().parents[1] / "apis"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when every client is written, else 1 with a line that says why not."""
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
        description="Write a typed Python client and TypeScript types from the documents of apis/.",
    )
    parser.add_argument("--api", help="only this API, such as todo (default: all)")
    parser.add_argument(
        "--out", type=Path, default=Path("clients"), help="folder to write to (default: clients)"
    )
    return parser


def _documents(api: str | None) -> list[Path]:
    documents = sorted(APIS.glob("*.yaml"))
    chosen = [each for each in documents if api in (None, each.stem)]
    if not chosen:
        known = ", ".join(each.stem for each in documents)
        raise CommandError(f"there is no API '{api}' in apis/; there are {known or 'none'}")
    return chosen


def write_clients(documents: list[Path], out: Path) -> None:
    """Write clients and references of some OpenAPI documents, and print where they are.

    Raises:
        CommandError: a document, or a part of it, cannot become a client.
    """
    npm = typescript_types.find_npm()
    for document in documents:
        folder = out / document.stem
        print(api_reference.write(document, folder / "reference.md"))
        print(python_client.write(document, folder / "python"))
        if npm:
            print(typescript_types.write(npm, document, folder / "typescript"))
    if not npm:
        print("client: no TypeScript types, as npm is missing; install Node.js 20 or newer")


if __name__ == "__main__":
    sys.exit(main())
