"""Web origins: only the forms that browsers send are accepted."""

import pytest

from components._blocks.web_origin import (
    HTTPS_ORIGIN,
    SIGN_IN_ORIGIN,
    WEB_ORIGIN,
    WEB_ORIGIN_PATTERN,
)

ORIGINS = ["https://example.com", "https://a-b.example.com:8443", "http://localhost:5173"]
LOCAL = ["http://127.0.0.1", "http://127.0.0.1:8080"]
PATTERNS = ["*", "https://*.example.com"]
WRONG = [
    *("", "example.com", "https://", "//example.com", "ftp://example.com", "null"),
    *("https://example.com/", "https://example.com/blog", "https://example.com?a", "https://a b"),
    *("http://example.com", "http://localhost.example.com", "http://127.0.0.1.example.com"),
    *("https://Example.com", "HTTPS://example.com", "https://example.com:port"),
    *("https://user@example.com", "https://example.com\n", "https://a.com,https://b.com"),
    *("https://example.com:443", "http://localhost:80", "https://.example.com"),
    *("https://*", "http://*.example.com", "https://a.*.com", 'https://a"'),
]


@pytest.mark.parametrize("origin", ORIGINS)
def test_valid_origins_are_accepted(origin: str):
    for limit in (WEB_ORIGIN, SIGN_IN_ORIGIN, WEB_ORIGIN_PATTERN):
        assert limit.problem(origin) is None


@pytest.mark.parametrize("origin", LOCAL)
def test_only_cognito_refuses_the_loopback_address(origin: str):
    assert WEB_ORIGIN.problem(origin) is None
    assert WEB_ORIGIN_PATTERN.problem(origin) is None
    assert SIGN_IN_ORIGIN.problem(origin) is not None


@pytest.mark.parametrize("pattern", PATTERNS)
def test_wildcards_are_accepted_only_in_patterns(pattern: str):
    assert WEB_ORIGIN_PATTERN.problem(pattern) is None
    assert WEB_ORIGIN.problem(pattern) is not None
    assert SIGN_IN_ORIGIN.problem(pattern) is not None


@pytest.mark.parametrize("value", WRONG)
def test_other_values_are_refused(value: str):
    for limit in (WEB_ORIGIN, SIGN_IN_ORIGIN, WEB_ORIGIN_PATTERN):
        assert limit.problem(value) is not None


@pytest.mark.parametrize("value", [*WRONG, *LOCAL, *PATTERNS, "http://localhost:5173"])
def test_a_server_needs_https(value: str):
    assert HTTPS_ORIGIN.problem("https://cdn.example.com:8443") is None
    assert HTTPS_ORIGIN.problem(value) is not None


def test_the_error_contains_the_value_and_the_expected_form():
    assert WEB_ORIGIN.problem("https://example.com/") == (
        "is 'https://example.com/'; it must be an origin in lowercase, without a path or the "
        "default port, such as 'https://example.com' or 'http://localhost:5173'"
    )
