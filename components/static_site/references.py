"""References of text files to assets: `/assets/site.css`."""

import re
from collections.abc import Collection, Iterator, Mapping
from urllib.parse import quote

from .encoding import encoded


class References:
    """Finds references by the whole path, as it is or encoded, at the site's own host.

    Args:
        keys: keys of the assets.
        prefix: what all of them begin with: `assets/`.
        host: domain name of the site; empty for none.
    """

    def __init__(self, keys: Collection[str], prefix: str, host: str) -> None:
        self._forms = {form: key for key in keys for form in (encoded(key), quote(key), key)}
        self._lengths = sorted({len(each) for each in self._forms}, reverse=True)
        # A path that follows a word or a slash belongs to another host or another folder.
        hosts = (host, f"www.{host}") if host else ()
        own = "".join(rf"|(?<=//{re.escape(each)})" for each in hosts)
        self._start = re.compile(rf"(?:(?<![\w%~@:/-]){own})/(?={re.escape(prefix)})")

    def keys(self, text: str) -> set[str]:
        """Return the keys of the assets that a text refers to."""
        return {self._forms[form] for _, form in self._found(text)}

    def renamed(self, text: str, names: Mapping[str, str]) -> str:
        """Return a text with the new keys of assets, encoded where the old ones were."""
        parts, end = [], 0
        for start, form in self._found(text):
            key = self._forms[form]
            parts += [text[end:start], names[key] if form == key else encoded(names[key])]
            end = start + len(form)
        return "".join([*parts, text[end:]])

    def _found(self, text: str) -> Iterator[tuple[int, str]]:
        for match in self._start.finditer(text):
            start = match.end()
            # The longest first, since one path may be a prefix of another.
            for length in self._lengths:
                form = text[start : start + length]
                if form in self._forms and not _CONTINUES.match(text, start + length):
                    yield start, form
                    break


_CONTINUES = re.compile(r"[\w%~/-]|\.\w")
