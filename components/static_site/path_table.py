"""The table of a site's paths, which the CloudFront Function reads from a key value store."""

from collections.abc import Collection, Mapping, Sequence

from .._blocks.arguments import Problems
from .content import SiteFile

MOVED = ">"
"""Prefix of a value that is a redirect; any other value is the key of the object to serve."""
_MAX_KEY, _MAX_VALUE, _MAX_STORE = 512, 1024, 5 * 1024 * 1024  # bytes, quotas of CloudFront


def site_table(
    files: Sequence[SiteFile],
    routes: Mapping[str, str],
    redirects: Mapping[str, str],
    other_prefixes: Collection[str],
) -> dict[str, str]:
    """Return the object to serve or the redirect of each path.

    Args:
        files: the site's files.
        routes: pages to serve for whole folders of paths.
        redirects: paths to redirect.
        other_prefixes: prefixes of keys whose requests do not reach the function.
    """
    table = {}
    for file in files:
        if file.key.startswith(tuple(other_prefixes)) or file.key.endswith("404.html"):
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
    """Check the paths of a site's files, routes and redirects."""
    pages = {f"/{each.key}" for each in files}
    for path, page in routes.items():
        valid = path.startswith("/") and path.endswith("/*")
        problems.unless(valid, "routes", f"'{path}' must be a folder of paths such as '/posts/*'")
        problems.unless(page in pages, "routes", f"'{page}' is not a file of `content`")
    for path, value in table.items():
        valid = len(path.encode()) <= _MAX_KEY and len(value.encode()) <= _MAX_VALUE
        problems.unless(valid, "content", f"'{path[:60]}...' is too long for CloudFront's store")
        valid = path.startswith("/") or path in routes
        problems.unless(valid, "redirects", f"'{path}' must begin with '/'")
    size = sum(len(path.encode()) + len(value.encode()) for path, value in table.items())
    fits = size <= _MAX_STORE
    problems.unless(fits, "content", "has more paths than CloudFront's store holds (5 MB)")
