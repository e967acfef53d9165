"""`python -m benchmarks` measures everything and writes the results into benchmarks/README.md.

`python -m benchmarks relay up` measures only these and prints them.
"""

import argparse
import os
import sys
import time
from importlib import import_module
from pathlib import Path

from benchmarks import machine, report

ROOT = Path(__file__).resolve().parents[1]
README = Path(__file__).with_name("README.md")
MEASURES = {
    "relay": "outbox records to the bus: calls and records a second",
    "transform": "telemetry's transform: CPU time for a record, memory for a batch",
    "lake_query": "bytes that a query of one device and day reads, with partitions and without",
    "relay_work": "the relay's own CPU time for a record",
    "cold_start": "importing each handler in a fresh interpreter",
    "bundles": "size of each bundle, and how long it takes to build",
    "preview": "the preview of prod, and how it grows with more instances",
    "up": "`make up` to ready, and where the time goes",
    "api": "requests to the to-do API's functions",
    "api_pages": "a long list of to-dos in pages: reads and bytes",
    "thumbnails": "photos to thumbnails: speed, quality, memory",
    "signing": "links to paid content: signed per second",
    "edge_function": "the function at the edge of a site: size, reads, its own work",
    "end_to_end": "placing orders until they are shipped",
}
"""Each measure is the module of that name: `measure(rounds)` gives its result."""


def main(arguments: list[str] | None = None) -> int:
    """Measure; 0 even where a target is missed, since a busy machine misses some."""
    options = _parser().parse_args(arguments)
    # As in a bundle: handlers and their libraries are importable by name.
    sys.path[:0] = [str(ROOT / "handlers/libraries"), str(ROOT / "handlers")]
    setting, load = machine.describe(), os.getloadavg()[0]
    started = time.monotonic()
    results = [_measure(name, options.rounds) for name in options.measures or MEASURES]
    command = " ".join([".venv/bin/python -m benchmarks", *options.measures])
    setting += [
        f"Command: `{command}`, {options.rounds} rounds, {time.monotonic() - started:.0f} s",
        f"Load before and after: {load:.1f}, {os.getloadavg()[0]:.1f}; on a machine that is busy "
        "with other work the ratios of what needs two processes suffer most",
    ]
    text = report.render(results, setting)
    print(text)
    if not options.measures:
        README.write_text(report.replace(README.read_text(), text))
        print(f"\nwritten to {README.relative_to(ROOT)}", file=sys.stderr)
    return 0


def _measure(name: str, rounds: int) -> report.Result:
    print(f"{name}: {MEASURES[name]}", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    result: report.Result = import_module(f"benchmarks.{name}").measure(rounds)
    print(f"({time.monotonic() - started:.0f} s)", file=sys.stderr, flush=True)
    return result


def _known(name: str) -> str:
    if name not in MEASURES:
        raise argparse.ArgumentTypeError(f"'{name}' is none of {', '.join(MEASURES)}")
    return name


def _positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' is no number from 1")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<15}{what}" for name, what in MEASURES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"Measure, as medians of interleaved rounds:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "measures",
        nargs="*",
        type=_known,
        metavar="measure",
        help="only these, printed and not written (default: all, written to the README)",
    )
    parser.add_argument(
        "--rounds", type=_positive, default=3, help="of each slow case (default: 3)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
