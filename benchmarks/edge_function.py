"""The CloudFront function of a site: its size, its reads of the key value store, its CPU time.

CloudFront reports the compute utilization of a function only by TestFunction on AWS, as a
percentage of an unpublished limit. So this measure counts reads and compares times of one run.
"""

import json
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.report import Result, Target
from benchmarks.rounds import interleave, output
from components.static_site.content import site_files
from components.static_site.pages_function import LARGEST, site_code
from components.static_site.path_table import site_table

SITE = Path(__file__).resolve().parents[1] / "site" / "blog"
WORKER = Path(__file__).with_name("edge_function.cjs")
LANGUAGES = ("en", "de")
CALLS = 20_000
MAX_READS = 6
"""Reads of the key value store per request: the path, and at most five parent folders."""
PEER = "reference: a function that only reads the store once, `/en/`"
PEER_CODE = """import cf from 'cloudfront';
const table = cf.kvs();
async function handler(event) {
    event.request.uri = await table.get(event.request.uri);
    return event.request;
}
"""
UNKNOWN_LANGUAGES = ", ".join(f"x{letter};q=0.{letter % 10}" for letter in range(20))
REQUESTS = {
    "**ours**: a page, `/en/`": ("/en/", ""),
    "**ours**: `/`, redirected by language": ("/", "fr;q=0.9, de-CH;q=0.8, en;q=0.5"),
    "**ours**: `/` with 20 unknown languages": ("/", UNKNOWN_LANGUAGES),
    "**ours**: a route, `/en/posts/a-post`": ("/en/posts/a-post", ""),
    "**ours**: a missing page, `/a/b/c/d/e/f/g`": ("/a/b/c/d/e/f/g", ""),
}


@dataclass
class Runner:
    """Runs functions on Node.js with the paths of one site."""

    node: str
    table: Mapping[str, str]
    reads: dict[str, float] = field(default_factory=dict)
    """Reads of the key value store per call, by name of the case."""

    def case(self, name: str, code: str, path: str, language: str) -> Callable[[], float]:
        """Return the case of the seconds per call."""
        given = {"table": self.table, "code": code, "count": CALLS, "event": _event(path, language)}

        def run() -> float:
            found = output(self.node, WORKER, given=json.dumps(given))
            seconds, self.reads[name] = json.loads(found)
            return float(seconds)

        return run


def measure(rounds: int) -> Result:
    """Measure the function of the blog."""
    result = Result(
        "Edge function", ("Request", "Store reads", "us on Node.js", "Of the reference")
    )
    files = site_files(str(SITE), "assets/")
    routes = {f"/{each}/posts/*": f"/{each}/post.html" for each in LANGUAGES}
    code = site_code("blog.example.com", LANGUAGES, files)
    size = len(code.encode())
    result.targets.append(Target(f"at most {LARGEST:,} bytes", f"{size:,}", size <= LARGEST))
    node = shutil.which("node")
    if node is None:
        result.notes.append("Only the size was measured: Node.js is missing.")
        return result
    runner = Runner(node, site_table(files, routes, {}, ["assets/"]))
    cases = {name: runner.case(name, code, *request) for name, request in REQUESTS.items()}
    times = interleave({PEER: runner.case(PEER, PEER_CODE, "/en/", ""), **cases}, rounds)
    for name, each in times.items():
        ratio = f"{each.ratio_to(times[PEER]):.1f}x"
        result.rows.append((name, f"{runner.reads[name]:.0f}", f"{each.median * 1e6:.2f}", ratio))
    reads = max(runner.reads.values())
    wanted = f"at most {MAX_READS} reads of the store per request"
    result.targets.append(Target(wanted, f"{reads:.0f}", reads <= MAX_READS))
    result.notes += [
        f"The store has the {len(runner.table)} paths of the blog and is in memory, so its reads "
        "take no time.",
        "Node.js is not the runtime of CloudFront: compare rows, not times. For the compute "
        "utilization, run `aws cloudfront test-function` on AWS.",
    ]
    return result


def _event(path: str, language: str) -> dict[str, Any]:
    headers = {"host": {"value": "blog.example.com"}}
    wish = {"accept-language": {"value": language}} if language else {}
    request = {"uri": path, "querystring": {}, "headers": headers | wish, "cookies": {}}
    return {"request": {"method": "GET", **request}}
