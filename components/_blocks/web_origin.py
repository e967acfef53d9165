"""Web origins as arguments: scheme, host and port, in the form that browsers send."""

from .arguments import Matches

_PORT = r"(:[0-9]{1,5})?"
_HTTPS = rf"https://[a-z0-9.-]+{_PORT}"
_EXAMPLES = "such as 'https://example.com' or 'http://localhost:5173'"

WEB_ORIGIN = Matches(
    rf"{_HTTPS}|http://(localhost|127\.0\.0\.1){_PORT}",
    f"an origin in lowercase, without a path, {_EXAMPLES}",
)
"""The origin of pages."""
SIGN_IN_ORIGIN = Matches(rf"{_HTTPS}|http://localhost{_PORT}", WEB_ORIGIN.form)
"""The origin of pages that users sign in to. Cognito accepts HTTP only for `localhost`."""
WEB_ORIGIN_PATTERN = Matches(
    rf"\*|{WEB_ORIGIN.pattern}|https://\*\.[a-z0-9.-]+{_PORT}",
    f"'*', 'https://*.example.com' or {WEB_ORIGIN.form}",
)
"""One origin or all that match a wildcard, as the CORS rules of S3 and CSP headers take it."""
