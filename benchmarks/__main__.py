"""Run the benchmarks: `python -m benchmarks [MEASURE ...]`.

Without arguments, it runs all measures and writes the results to benchmarks/README.md. With
arguments, such as `relay up`, it runs only these and prints the results.
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
    "relay": "sending outbox records to the bus: calls and records per second",
    "transform": "the telemetry transform: CPU time per record, memory per batch",
    "lake_query": "bytes that a query for one device and day reads, with and without partitions",
    "relay_work": "CPU time of the relay's own code per record",
    "cold_start": "import of each handler in a new interpreter",
    "bundles": "size and build time of the bundles",
    "preview": "preview of prod, and its growth with more instances",
    "sites": "preview of a site with many files",
    "up": "`make up` until it is ready, and its phases",
    "api": "requests to the functions of the to-do API",
    "api_pages": "pages of a long list of to-dos: reads and bytes",
    "thumbnails": "thumbnails of photos: speed, quality, memory",
    "signing": "links to paid content: signatures per second",
    "edge_function": "the CloudFront function of a site: size, reads, CPU time",
    "end_to_end": "orders, from placing to shipment",
    "services": "requests through containers, functions and instances",
}
"""Each measure is the module of that name; `measure(rounds)` returns its result."""


def main(arguments: list[str] | None = None) -> int:
    """Run the measures. Return 0 even if a target is missed, which happens on a busy machine."""
    options = _parser().parse_args(arguments)
    # As in a bundle, handlers and their libraries are top-level modules.
    sys.path[:0] = [str(ROOT / "handlers/libraries"), str(ROOT / "handlers")]
    setting, load = machine.describe(), os.getloadavg()[0]
    started = time.monotonic()
    results = [_measure(name, options.rounds) for name in options.measures or MEASURES]
    command = " ".join([".venv/bin/python -m benchmarks", *options.measures])
    setting += [
        f"Command: `{command}`, {options.rounds} rounds, {time.monotonic() - started:.0f} s",
        f"Load before and after: {load:.1f}, {os.getloadavg()[0]:.1f}; other load on the machine "
        "affects the measures with two processes most",
    ]
    text = report.render(results, setting)
    print(text)
    if not options.measures:
        README.write_text(report.replace(README.read_text("utf-8"), text), "utf-8")
        print(f"\nwrote {README.relative_to(ROOT)}", file=sys.stderr)
    return 0


def _measure(name: str, rounds: int) -> report.Result:
    print(f"{name}: {MEASURES[name]}", end=" ", file=sys.stderr, flush=True)
    started = time.monotonic()
    result: report.Result = import_module(f"benchmarks.{name}").measure(rounds)
    print(f"({time.monotonic() - started:.0f} s)", file=sys.stderr, flush=True)
    return result


def _known(name: str) -> str:
    if name not in MEASURES:
        raise argparse.ArgumentTypeError(
            f"'{name}' is not a measure; choose from {', '.join(MEASURES)}"
        )
    return name


def _positive(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"'{text}' must be an integer of at least 1")
    return int(text)


def _parser() -> argparse.ArgumentParser:
    listed = "\n".join(f"  {name:<15}{what}" for name, what in MEASURES.items())
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks",
        description=f"Run benchmarks, as medians of interleaved rounds:\n{listed}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "measures",
        nargs="*",
        type=_known,
        metavar="measure",
        help="print only these (default: run all, and write the results to the README)",
    )
    parser.add_argument(
        "--rounds", type=_positive, default=3, help="rounds of each slow case (default: 3)"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
