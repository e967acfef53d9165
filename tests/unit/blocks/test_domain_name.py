"""Domain names: only the forms that certificates, DNS and CloudFront accept."""

import pytest

from components._blocks.domain_name import DOMAIN_NAME

NAMES = ["example.com", "a-b.shop.example.co.uk", "uploads-1a2b.s3.eu-west-1.amazonaws.com"]
WRONG = [
    *("", "example", "*.example.com", "Example.com", "example.com.", ".example.com"),
    *("https://example.com", "example.com/a", "example.com:443", "127.0.0.1", "a..example.com"),
    *("-a.example.com", "a-.example.com", "a_b.example.com", f"{'a' * 64}.example.com"),
]


@pytest.mark.parametrize("name", NAMES)
def test_domain_names_are_accepted(name: str):
    assert DOMAIN_NAME.problem(name) is None


@pytest.mark.parametrize("value", WRONG)
def test_other_values_are_refused(value: str):
    assert DOMAIN_NAME.problem(value) is not None
