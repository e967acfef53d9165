"""Write the graph of a stack for checkov: `python -m tools.checkov GRAPH OUTPUT`.

docs/security.md says how to run checkov on it.
"""

import argparse
import json
import sys
from pathlib import Path

from tools.graph.document import load
from tools.stack_outputs import CommandError

from .terraform import terraform


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if it succeeds, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tools.checkov", description=__doc__)
    parser.add_argument("graph", type=Path, help="file that `python -m tools.graph write` wrote")
    parser.add_argument("output", type=Path, help="file to write; it must end in .tf.json")
    options = parser.parse_args(arguments)
    try:
        if not options.output.name.endswith(".tf.json"):
            raise CommandError(
                f"{options.output} must end in .tf.json: checkov reads no other file"
            )
        made = terraform(load(options.graph).resources)
    except CommandError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    options.output.parent.mkdir(parents=True, exist_ok=True)
    options.output.write_text(json.dumps(made, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
