"""Preview without a cloud: `python -m tools.graph show|write|compare`.

`show` and `write` end with 1 when a rule of the policy pack is broken (all of them are shown),
`compare` when something that holds data would be replaced, deleted or left unguarded.
"""

import argparse
import sys
from pathlib import Path

import yaml

from local.engine.preview import preview
from local.errors import LocalError
from tools.stack_outputs import CommandError

from .changes import changes
from .comment import Stack, comment
from .document import Document, document, load
from .rules import violations


def main(arguments: list[str] | None = None) -> int:
    """Run the command; 0 when it succeeded, 1 otherwise."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "compare":
            return _compare(options)
        previewed = preview(options.project, options.stack, _config(options))
        made = document(previewed, options.stack)
        if options.command == "write":
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(made.text(), encoding="utf-8")
        _show(made)
        problems = [str(each) for each in violations(previewed.resources, options.stack)]
    except CommandError as error:
        problems = [str(error)]
    except LocalError as error:
        problems = error.problems
    for problem in problems:
        print("error: " + problem.replace("\n", "\n  "), file=sys.stderr)
    return 1 if problems else 0


def _show(made: Document) -> None:
    counts = made.systems()
    for message in made.messages:
        print(message)
    for system, count in [*counts.items(), ("in all", sum(counts.values()))]:
        print(f"{made.stack} {system:<24}{count:>5}")
    if made.idle_cost:
        print(f"{made.stack} idle: ${made.idle_cost['perHour']:g} an hour", end="")
        print(f", ${made.idle_cost['perMonth']:g} a month of flat fees")


def _compare(options: argparse.Namespace) -> int:
    after = {each.stack: each for each in map(load, sorted(options.head.glob("*.json")))}
    before = {each.stack: each for each in map(load, sorted(options.base.glob("*.json")))}
    if not after:
        raise CommandError(f"{options.head} has no graph")
    stacks = []
    for stack, new in after.items():
        old = before.get(stack, Document(stack, [], []))
        stacks.append(Stack(old, new, changes(old, new)))
    text = comment(stacks)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    risky = any(change.risk for each in stacks for change in each.changes)
    return 1 if risky and not options.accept_loss else 0


def _config(options: argparse.Namespace) -> dict[str, object]:
    given = {}
    for each in options.config:
        key, found, value = each.partition("=")
        if not found:
            raise CommandError(f"--config '{each}': write it as KEY=VALUE")
        given[key] = yaml.safe_load(value)
    return given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.graph", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (("show", "print what a stack has"), ("write", "and write its graph down")):
        one = commands.add_parser(name, help=what)
        one.add_argument("--stack", default="dev", help="(default: %(default)s)")
        one.add_argument(
            "--project", type=Path, default=Path(), help="folder of Pulumi.yaml (default: this one)"
        )
        one.add_argument(
            "--config",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="a value for the stack's configuration; may be repeated",
        )
    one.add_argument(
        "--output", type=Path, required=True, metavar="FILE", help="such as head/dev.json"
    )
    both = commands.add_parser("compare", help="print what changes from one graph to another")
    both.add_argument("base", type=Path, help="folder of the graphs as they are, one per stack")
    both.add_argument("head", type=Path, help="folder of the graphs as they will be")
    both.add_argument("--output", type=Path, metavar="FILE", help="write the comment there as well")
    both.add_argument(
        "--accept-loss", action="store_true", help="end with 0 where data is at risk, too"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
