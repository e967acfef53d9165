"""Web origins as arguments: scheme, host and port, in the form that browsers send."""

from .arguments import Matches

# Browsers leave out the default port: see "ASCII serialisation of an origin" in RFC 6454.
_HTTPS_PORT = "(?!:443$)(:[0-9]{1,5})?"
_HTTP_PORT = "(?!:80$)(:[0-9]{1,5})?"
_HTTPS = rf"https://[a-z0-9]([a-z0-9.-]*[a-z0-9])?{_HTTPS_PORT}"
_EXAMPLES = "such as 'https://example.com' or 'http://localhost:5173'"

WEB_ORIGIN = Matches(
    rf"{_HTTPS}|http://(localhost|127\.0\.0\.1){_HTTP_PORT}",
    f"an origin in lowercase, without a path or the default port, {_EXAMPLES}",
)
"""The origin of pages."""
HTTPS_ORIGIN = Matches(
    _HTTPS, "an origin with HTTPS, in lowercase, without a path: 'https://cdn.example.com'"
)
"""The origin of a server."""
SIGN_IN_ORIGIN = Matches(rf"{_HTTPS}|http://localhost{_HTTP_PORT}", WEB_ORIGIN.form)
"""The origin of pages that users sign in to. Cognito accepts HTTP only for `localhost`."""
WEB_ORIGIN_PATTERN = Matches(
    rf"\*|{WEB_ORIGIN.pattern}|https://\*\.[a-z0-9.-]+{_HTTPS_PORT}",
    f"'*', 'https://*.example.com' or {WEB_ORIGIN.form}",
)
"""One origin or all that match a wildcard, as the CORS rules of S3 and CSP headers take it."""
