"""The table of a site's paths, which the CloudFront Function reads from a key value store."""

from collections.abc import Collection, Mapping, Sequence

from .._blocks.arguments import Problems
from .content import SiteFile
from .encoding import decoded, encoded, location

MOVED = ">"
"""Prefix of a value that is a redirect; any other value is the encoded path of the object to serve.
Keys of the table are decoded paths."""
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
        folder, slash, name = f"/{file.key}".rpartition("/")
        if file.key.startswith(tuple(other_prefixes)) or name == "404.html":
            continue
        page = encoded(f"/{file.key}")
        if name != "index.html":
            table[f"/{file.key}"] = page
            continue
        index = MOVED + encoded(folder + slash)
        table[folder + slash] = page
        table[f"/{file.key}"] = index
        if folder:
            table[folder] = index
    # `/about` is the page `about.html`, unless a file or a folder has this name.
    short = {
        path.removesuffix(".html"): page
        for path, page in table.items()
        if path.endswith(".html") and not page.startswith(MOVED)
    }
    pages = {decoded(path): encoded(decoded(page)) for path, page in routes.items()}
    moved = {decoded(path): MOVED + location(to) for path, to in redirects.items()}
    return {**short, **table, **pages, **moved}


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
        problems.unless(decoded(page) in pages, "routes", f"'{page}' is not a file of `content`")
    for path, value in table.items():
        valid = len(path.encode()) <= _MAX_KEY and len(value.encode()) <= _MAX_VALUE
        problems.unless(valid, "content", f"'{path[:60]}...' is too long for CloudFront's store")
        valid = path.startswith("/") or path in map(decoded, routes)
        problems.unless(valid, "redirects", f"'{path}' must begin with '/'")
    size = sum(len(path.encode()) + len(value.encode()) for path, value in table.items())
    fits = size <= _MAX_STORE
    problems.unless(fits, "content", "has more paths than CloudFront's store holds (5 MB)")
