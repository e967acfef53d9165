"""SiteTable: which path of a site leads where, as the function at the edge reads it."""

from collections.abc import Collection, Mapping, Sequence

from .._blocks.validate import Problems
from .content import SiteFile

MOVED = ">"
"""Begins a value that is an address to go to; any other is the object to serve."""
_KEY, _VALUE, _STORE = 512, 1024, 5 * 1024 * 1024  # bytes that CloudFront takes


def site_table(
    files: Sequence[SiteFile],
    routes: Mapping[str, str],
    redirects: Mapping[str, str],
    elsewhere: Collection[str],
) -> dict[str, str]:
    """What each path is: an object to serve, or an address to go to.

    Args:
        files: the site's files.
        routes: pages that answer for whole folders of paths.
        redirects: paths that moved.
        elsewhere: prefixes that the function does not see.
    """
    table = {}
    for file in files:
        if file.key.startswith(tuple(elsewhere)) or file.key.endswith("404.html"):
            continue
        folder, slash, name = f"/{file.key}".rpartition("/")
        if name != "index.html":
            table[f"/{file.key}"] = f"/{file.key}"
            continue
        table[folder + slash] = f"/{file.key}"
        table[f"/{file.key}"] = MOVED + folder + slash
        if folder:
            table[folder] = MOVED + folder + slash
    return {**table, **routes, **{path: MOVED + to for path, to in redirects.items()}}


def check_site_table(
    problems: Problems,
    table: Mapping[str, str],
    files: Sequence[SiteFile],
    routes: Mapping[str, str],
) -> None:
    """Check what a site's files, routes and redirects amount to."""
    there = {f"/{each.key}" for each in files}
    for path, page in routes.items():
        fine = path.startswith("/") and path.endswith("/*")
        problems.that(fine, "routes", f"'{path}' is no folder of paths such as '/posts/*'")
        problems.that(page in there, "routes", f"'{page}' is no file of the content")
    for path, value in table.items():
        fine = len(path.encode()) <= _KEY and len(value.encode()) <= _VALUE
        problems.that(fine, "content", f"'{path[:60]}...' is too long for CloudFront's store")
        problems.that(path.startswith("/"), "redirects", f"'{path}' does not begin with '/'")
    size = sum(len(path.encode()) + len(value.encode()) for path, value in table.items())
    problems.that(size <= _STORE, "content", "has more paths than CloudFront's store holds (5 MB)")
