"""An encoded slash does not split a path."""

import pytest

from tests.emulator.gateway import call, deployed, document, echo, proxy


def url_of(cloud):
    return deployed(cloud, document({"/files/{name}": {"get": proxy(echo(cloud))}}))


@pytest.mark.parametrize(
    ("sent", "name"),
    [
        ("a%2Fb", "a/b"),
        ("..%2f..%2fother", "../../other"),
        ("a%20b", "a b"),
        ("100%25", "100%"),
        ("a%2Fb?x=%2F", "a/b"),
        ("%2Fb", "/b"),
        ("%2F", "/"),
    ],
)
def test_the_whole_parameter_is_decoded_once(cloud, sent, name):
    assert call(f"{url_of(cloud)}/files/{sent}").json["parameters"] == {"name": name}


def test_a_plain_slash_splits_the_path(cloud):
    assert call(f"{url_of(cloud)}/files/a/b").status == 403


def test_stock_splits_at_both(stock_gateway):
    assert call(f"{url_of(stock_gateway)}/files/a%2Fb").status == 403
