"""The page of a system."""

from .checks import Failed
from .web import call

HEADERS = {
    "strict-transport-security": "max-age=",
    "content-security-policy": "default-src",
    "permissions-policy": "camera=()",
    "referrer-policy": "strict-origin-when-cross-origin",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
}
"""The security headers of every page, and how their values start."""


def opens(url: str) -> None:
    """Open a page.

    Raises:
        Failed: it does not answer with HTML, or a security header is missing or has another value.
    """
    answer = call(url).expect(200)
    if not answer.headers.get("content-type", "").startswith("text/html"):
        raise Failed(f"{answer.request}: {answer.headers.get('content-type')} is not a page")
    wrong = [
        name
        for name, start in HEADERS.items()
        if not answer.headers.get(name, "").startswith(start)
    ]
    if wrong:
        raise Failed(f"{answer.request}: missing or unexpected: {', '.join(wrong)}")
