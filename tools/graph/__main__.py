"""Preview stacks without a cloud: `python -m tools.graph show|write|fail|compare`.

`show` and `write` exit with 1 if the program does not run, or if a resource breaks a rule of the
policy pack; they list all problems, and `write` puts them into the graph. `compare` exits with 1
for the same reasons, and if data is at risk that `--accept-loss` does not name.
"""

import argparse
import sys
from pathlib import Path

import yaml
import yamlcore

from local.engine.preview import preview
from local.errors import LocalError
from tools.stack_outputs import CommandError

from .comment import comment
from .comparison import compare
from .document import Document, document, load
from .rules import violations


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if it succeeds, else 1."""
    options = _parser().parse_args(arguments)
    try:
        if options.command == "compare":
            return _compare(options)
        made = _failed(options.stack) if options.command == "fail" else _preview(options)
        if options.command != "show":
            options.output.parent.mkdir(parents=True, exist_ok=True)
            options.output.write_text(made.text(), encoding="utf-8")
        if not made.failures:
            _show(made)
        problems = [] if options.command == "fail" else [*made.failures, *made.broken]
    except CommandError as error:
        problems = [str(error)]
    for problem in problems:
        print("error: " + problem.replace("\n", "\n  "), file=sys.stderr)
    return 1 if problems else 0


def _failed(stack: str) -> Document:
    return Document(stack, [], [], failures=["It ended without a result; see the log."])


def _preview(options: argparse.Namespace) -> Document:
    try:
        previewed = preview(options.project, options.stack, _config(options))
    except LocalError as error:
        return Document(options.stack, [], [], failures=error.problems)
    broken = [str(each) for each in violations(previewed.resources, options.stack)]
    return document(previewed, options.stack, broken)


def _show(made: Document) -> None:
    counts = made.systems()
    for message in made.messages:
        print(message)
    for system, count in [*counts.items(), ("total", sum(counts.values()))]:
        print(f"{made.stack} {system:<24}{count:>5}")
    if made.idle_cost:
        print(f"{made.stack} idle: ${made.idle_cost['perHour']:g} per hour", end="")
        print(f", ${made.idle_cost['perMonth']:g} per month of flat fees")


def _compare(options: argparse.Namespace) -> int:
    after = {each.stack: each for each in map(load, sorted(options.head.glob("*.json")))}
    before = {each.stack: each for each in map(load, sorted(options.base.glob("*.json")))}
    if not after:
        raise CommandError(f"{options.head} has no graphs; write them with `tools.graph write`")
    made = compare(before, after, options.accept_loss)
    text = comment(made, options.commit, options.run)
    print(text)
    if options.output:
        options.output.write_text(text, encoding="utf-8")
    return 1 if made.reasons else 0


def _config(options: argparse.Namespace) -> dict[str, object]:
    given = {}
    for each in options.config:
        key, found, value = each.partition("=")
        if not found:
            raise CommandError(f"--config {each}: must have the form KEY=VALUE")
        given[key] = yaml.load(value, yamlcore.CCoreLoader)
    return given


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tools.graph", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, what in (
        ("show", "print the number of resources and the idle cost of a stack"),
        ("write", "show a stack, and write its graph to a file"),
        ("fail", "write the graph of a program that ended without a result"),
    ):
        one = commands.add_parser(name, help=what)
        one.add_argument("--stack", default="dev", help="the Pulumi stack (default: %(default)s)")
        if name != "show":
            one.add_argument(
                "--output",
                type=Path,
                required=True,
                metavar="FILE",
                help="file of the graph, such as head/dev.json",
            )
        if name == "fail":
            continue
        one.add_argument(
            "--project",
            type=Path,
            default=Path(),
            help="folder of Pulumi.yaml (default: the current one)",
        )
        one.add_argument(
            "--config",
            action="append",
            default=[],
            metavar="KEY=VALUE",
            help="set a config value of the stack; may be repeated",
        )
    both = commands.add_parser(
        "compare", help="print the changes between two sets of graphs as a Markdown comment"
    )
    both.add_argument(
        "base", type=Path, help="folder of the graphs before the change, one per stack"
    )
    both.add_argument("head", type=Path, help="folder of the graphs after the change")
    both.add_argument("--output", type=Path, metavar="FILE", help="write the comment to a file too")
    both.add_argument(
        "--accept-loss",
        action="append",
        default=[],
        metavar="STACK/RESOURCE",
        help="accept the loss of a resource's data, or what happens to a STACK; may be repeated",
    )
    both.add_argument("--commit", default="", help="commit after the change, for the comment")
    both.add_argument("--run", default="", metavar="URL", help="log of this run, for the comment")
    return parser


if __name__ == "__main__":
    sys.exit(main())
