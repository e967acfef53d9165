"""Add a service to the system `services`: `python -m tools.service stock --form container`.

It writes an OpenAPI document, a handler that runs in any home, its tests, the block in
`systems/services.py` that deploys it, and a row of each page that lists services or buckets. The
service has one operation, as an example, and passes all checks.
"""

import argparse
import sys
from pathlib import Path

from tools.stack_outputs import CommandError

from .names import Names
from .system import add_service
from .templates import BLOCKS, FILES, render

ROOT = Path(__file__).resolve().parents[2]
SYSTEM = "systems/services.py"
LIST = "handlers/services/README.md"
BUCKETS = "docs/security.md"


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if the service is written, else 1."""
    options = _parser().parse_args(arguments)
    try:
        written = write(options.root, options.name, options.form)
    except CommandError as error:
        print(f"service: {error}", file=sys.stderr)
        return 1
    for path, lines in written.items():
        print(f"{path}: {lines} lines")
    print(f"{options.name}: {sum(written.values())} lines in all; replace the operation `getItem`")
    return 0


def write(root: Path, name: str, form: str) -> dict[str, int]:
    """Write a service. Nothing is written if there is an error.

    Args:
        root: folder of the repository.
        name: name of the service, in snake_case.
        form: `container`, `function` or `instance`.

    Returns:
        The lines that were added to each file.

    Raises:
        CommandError: the name is not valid or is taken, or a file that changes has another form.
    """
    names = Names(name)
    files = {path.replace("NAME", name): render(each, names, form) for path, each in FILES.items()}
    for path in files:
        if (root / path).exists():
            raise CommandError(f"NAME is '{name}', but {path} exists; choose another name")
    system = (root / SYSTEM).read_text("utf-8")
    files[SYSTEM] = add_service(system, names, render(BLOCKS[form], names, form))
    files[LIST] = _with_row(root, LIST, f"| `{name}` | reads items, as an example |", "| `")
    if form != "function":
        row = f"| `{names.host}-code` | no | code is built again from the program |"
        files[BUCKETS] = _with_row(root, BUCKETS, row, "-code` | no |")
    return {path: _write(root / path, text) for path, text in files.items()}


def _with_row(root: Path, page: str, row: str, like: str) -> str:
    """Return a page with another row of a table, below the last one that has some text."""
    lines = (root / page).read_text("utf-8").splitlines(keepends=True)
    places = [number for number, line in enumerate(lines, 1) if like in line]
    if not places:
        raise CommandError(f"{page}: there is no row with {like}")
    lines.insert(places[-1], f"{row}\n")
    return "".join(lines)


def _write(path: Path, text: str) -> int:
    """Write a file, and return how many lines more than before it has."""
    before = path.read_text("utf-8").count("\n") if path.exists() else 0
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
    return text.count("\n") - before


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.service", description="Add a service to the system `services`."
    )
    parser.add_argument("name", metavar="NAME", help="name in snake_case, such as stock_levels")
    parser.add_argument(
        "--form", choices=sorted(BLOCKS), required=True, help="where the service runs"
    )
    parser.add_argument(
        "--root", type=Path, default=ROOT, metavar="FOLDER", help="folder of the repository"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
