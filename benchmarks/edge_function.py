"""The function at the edge of a site: its size against CloudFront's limit, and its own work.

CloudFront tells of a function's compute only by TestFunction, in hundredths of an allowance that it
does not state; that can be had on AWS alone. So this counts reads of the key value store, and
compares times of one run with each other.
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
MOST_READS = 6
"""Of the key value store for one request: the path itself, and at most five folders above it."""
PEER = "a function that reads the store once, `/en/`"
PEER_CODE = """import cf from 'cloudfront';
const table = cf.kvs();
async function handler(event) {
    event.request.uri = await table.get(event.request.uri);
    return event.request;
}
"""
NOBODYS = ", ".join(f"x{letter};q=0.{letter % 10}" for letter in range(20))
REQUESTS = {
    "**ours**: a page, `/en/`": ("/en/", ""),
    "**ours**: `/` to the visitor's language": ("/", "fr;q=0.9, de-CH;q=0.8, en;q=0.5"),
    "**ours**: `/` and 20 languages that the site lacks": ("/", NOBODYS),
    "**ours**: a route, `/en/posts/a-post`": ("/en/posts/a-post", ""),
    "**ours**: nothing there, `/a/b/c/d/e/f/g`": ("/a/b/c/d/e/f/g", ""),
}


@dataclass
class Runner:
    """Runs functions on Node.js, on the paths of one site."""

    node: str
    table: Mapping[str, str]
    reads: dict[str, float] = field(default_factory=dict)
    """Of the key value store for one call, by the name of the case."""

    def case(self, name: str, code: str, path: str, language: str) -> Callable[[], float]:
        """Seconds for one call."""
        given = {"table": self.table, "code": code, "count": CALLS, "event": _event(path, language)}

        def run() -> float:
            found = output(self.node, WORKER, given=json.dumps(given))
            seconds, self.reads[name] = json.loads(found)
            return float(seconds)

        return run


def measure(rounds: int) -> Result:
    """All of it, on the pages of the blog."""
    result = Result("Edge function", ("Request", "Store reads", "us on Node.js", "Of the bare one"))
    files = site_files(str(SITE), "assets/")
    routes = {f"/{each}/posts/*": f"/{each}/post.html" for each in LANGUAGES}
    code = site_code("blog.example.com", LANGUAGES, files)
    size = len(code.encode())
    result.targets.append(Target(f"at most {LARGEST:,} bytes", f"{size:,}", size <= LARGEST))
    node = shutil.which("node")
    if node is None:
        result.notes.append("There is no Node.js on this machine: only the size was measured.")
        return result
    runner = Runner(node, site_table(files, routes, {}, ["assets/"]))
    cases = {name: runner.case(name, code, *request) for name, request in REQUESTS.items()}
    times = interleave({PEER: runner.case(PEER, PEER_CODE, "/en/", ""), **cases}, rounds)
    for name, each in times.items():
        ratio = f"{each.ratio_to(times[PEER]):.1f}x"
        result.rows.append((name, f"{runner.reads[name]:.0f}", f"{each.median * 1e6:.2f}", ratio))
    most = max(runner.reads.values())
    wanted = f"at most {MOST_READS} reads of the store for one request"
    result.targets.append(Target(wanted, f"{most:.0f}", most <= MOST_READS))
    result.notes += [
        f"The blog's own {len(runner.table)} paths, in memory: the time is the function's own.",
        "Node.js is not CloudFront's runtime: compare rows, not times. How much of CloudFront's"
        " allowance a function takes, only `aws cloudfront test-function` on AWS tells.",
    ]
    return result


def _event(path: str, language: str) -> dict[str, Any]:
    headers = {"host": {"value": "blog.example.com"}}
    wish = {"accept-language": {"value": language}} if language else {}
    request = {"uri": path, "querystring": {}, "headers": headers | wish, "cookies": {}}
    return {"request": {"method": "GET", **request}}
