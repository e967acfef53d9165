"""Write the policies of the roles that preview and deploy a stack.

`python -m tools.deploy_policy --stack prod --account 123456789012` writes preview-1.json,
deploy-1.json, deploy-2.json, ... They allow what the resources of the stack's graph need, limited
to the account, the regions, the names and the tags of the stack.
"""

import argparse
import json
import re
import sys
from pathlib import Path
from typing import Any

from local.engine import stackconfig
from local.engine.graph import Invoke, Registration
from local.engine.preview import preview
from local.errors import LocalError
from tools.stack_outputs import CommandError

from .documents import MAX_POLICIES, documents, size
from .needs import calling, deploying, previewing
from .statements import Place, bounded, keys, roles, statements

POLICIES = ("preview", "deploy")
THIS_MACHINE = {"lambdaPython": f"{sys.version_info.major}.{sys.version_info.minor}"}
"""Policies do not depend on the Python of the functions; another one may not be installed here."""


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if it succeeds, else 1."""
    options = _parser().parse_args(arguments)
    try:
        if not re.fullmatch(r"\d{12}", options.account):
            raise CommandError("--account: must be the 12 digits of the account of the stack")
        provider = stackconfig.load(Path(), options.stack).provider()
        previewed = preview(Path(), options.stack, THIS_MACHINE)
        place = Place(
            options.account,
            options.region or provider["region"],
            provider.get("defaultTags", {}).get("tags", {}),
            frozenset(
                each.inputs["zoneId"] for each in previewed.resources if "zoneId" in each.inputs
            ),
        )
        made = policies(previewed.resources, previewed.invokes, place)
        write(made, options.out, options.stack)
    except CommandError as error:
        problems = [str(error)]
    except LocalError as error:
        problems = error.problems
    else:
        return 0
    for problem in problems:
        print("error: " + problem.replace("\n", "\n  "), file=sys.stderr)
    return 1


def policies(
    resources: list[Registration], invokes: list[Invoke], place: Place
) -> dict[str, list[dict[str, Any]]]:
    """Return the documents of both roles, by the role."""
    changes = deploying(resources, place.region)
    reads = previewing(resources, place.region)
    asks = statements(calling(invokes, place.region), place)
    deploy = [
        *statements(changes, place),
        *roles(resources, changes, place),
        *keys(resources),
        *asks,
    ]
    return {
        "preview": documents([*statements(reads, place, changes), *asks]),
        "deploy": documents(bounded(deploy, resources)),
    }


def write(made: dict[str, list[dict[str, Any]]], folder: Path, stack: str) -> None:
    """Write each document to a file, and print the files with their sizes."""
    folder.mkdir(parents=True, exist_ok=True)
    for role in POLICIES:
        for old in folder.glob(f"{role}-{stack}-*.json"):
            old.unlink()
        for number, document in enumerate(made[role], 1):
            file = folder / f"{role}-{stack}-{number}.json"
            file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
            print(f"{file}  {size(document)} characters")
        if len(made[role]) > MAX_POLICIES:
            print(
                f"The role needs {len(made[role])} policies, more than the {MAX_POLICIES} of a new"
                " account: request a higher quota, 'Managed policies per role' (up to 20)"
            )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.deploy_policy", description=__doc__)
    parser.add_argument("--stack", default="dev", help="the Pulumi stack (default: %(default)s)")
    parser.add_argument("--account", default="", help="the account of the stack, 12 digits")
    parser.add_argument("--region", help="the region of the stack (default: its aws:region)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("policies"),
        metavar="FOLDER",
        help="where to write the policies (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
