"""Try every system of a deployed stack: `python -m tools.smoke [--stack dev] [--target aws]`.

It places an order, signs users in, publishes a reading and so on, prints a table of the checks, and
removes again what it created.
"""

import argparse
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait

from botocore.exceptions import BotoCoreError

from tools.stack_outputs import CommandError, Stack, add_stack_options, find_stack

from .blog import Blog
from .checks import Clock, Result, SystemChecks
from .deployment import Deployment
from .orders import Orders
from .services import Services
from .telemetry import Telemetry
from .todo import Todo
from .videos import Videos

SYSTEMS: dict[str, Callable[[Deployment, Clock], SystemChecks]] = {
    each.name: each for each in (Blog, Orders, Services, Telemetry, Todo, Videos)
}


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return 0 if it ran to its end and no check failed, else 1."""
    options = _parser().parse_args(arguments)
    started, stopped = time.monotonic(), threading.Event()
    try:
        stack = find_stack(options.stack, options.outputs, options.target)
        names = _names(stack, options.systems)
        os.environ.update(stack.environment)
        results = _run(stack, names, options.target != "aws" and _runs_here(), stopped)
    except (CommandError, BotoCoreError) as error:
        print(f"smoke: {error}", file=sys.stderr)
        return 1
    print("\n".join(["", *(each.line for each in results), ""]))
    count = {state: sum(each.state == state for each in results) for state in ("FAILED", "by hand")}
    print(
        f"{len(results)} checks of {stack.place}, {count['FAILED']} failed, "
        f"{count['by hand']} need a person, {time.monotonic() - started:.1f} s"
    )
    return 1 if count["FAILED"] or stopped.is_set() else 0


def _run(stack: Stack, names: Sequence[str], local: bool, stopped: threading.Event) -> list[Result]:
    """Check several systems at once, as some wait for minutes on AWS."""
    printing = threading.Lock()

    def show(line: str) -> None:
        with printing:
            print(line, file=sys.stderr, flush=True)

    systems = [
        SYSTEMS[name](Deployment(stack.system(name), local), Clock(stopped, show)) for name in names
    ]
    # On this machine, the functions of all systems would slow each other down.
    with ThreadPoolExecutor(2 if local else len(systems)) as pool:
        done: list[Future[list[Result]]] = [
            pool.submit(each.run, lambda result: show(result.line)) for each in systems
        ]
        try:
            wait(done)
        except KeyboardInterrupt:
            stopped.set()
            show("stopping, and removing what was created")
    return [result for each in done for result in each.result()]


def _names(stack: Stack, given: str) -> list[str]:
    """Return the systems to check: those given, else those of the stack."""
    if given:
        names = given.split(",")
        unknown = sorted({*names} - SYSTEMS.keys())
        if unknown:
            raise CommandError(f"no system '{unknown[0]}'; the systems are {', '.join(SYSTEMS)}")
        for name in names:
            stack.system(name)
        return names
    names = [name for name in SYSTEMS if name in stack.outputs]
    if not names:
        raise CommandError(f"{stack.place} has none of the systems {', '.join(SYSTEMS)}")
    return names


def _runs_here() -> bool:
    return bool(os.environ.get("AWS_ENDPOINT_URL"))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m tools.smoke",
        description="Use every system of a deployed stack as its users do, and remove again what "
        "that creates. Exits with 1 if a check fails.",
    )
    add_stack_options(parser)
    parser.add_argument(
        "--target",
        choices=("local", "aws"),
        default="",
        help="where the stack runs (default: local if it runs locally, else aws)",
    )
    parser.add_argument(
        "--systems", default="", metavar="NAME,...", help="systems to check (default: all)"
    )
    return parser


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
