"""API Gateway invokes a function only with the function's permission."""

import pytest

from tests.emulator.gateway import call, deployed, document, echo, permit, proxy

EXECUTE = "arn:aws:execute-api:us-east-1:000000000000:"


def url_of(cloud, arn):
    return deployed(cloud, document({"/notes/{id}": {"get": proxy(arn)}})) + "/notes/1"


@pytest.mark.parametrize(
    ("source", "status"),
    [
        ("*", 200),
        ("*/*/GET/notes/*", 200),
        ("*/v1/GET/notes/*", 200),
        ("*/v2/*/*", 500),
        ("*/*/POST/*", 500),
        ("other/*/*", 500),
    ],
)
def test_the_source_of_the_permission_is_checked(cloud, source, status):
    answer = call(url_of(cloud, echo(cloud, permitted=source)))
    assert answer.status == status
    if status == 500:
        assert answer.json == {"message": "Internal server error"}
        assert answer.headers["x-amzn-errortype"] == "InternalServerErrorException"


def test_an_alias_needs_its_own_permission(cloud):
    functions, arn = cloud.client("lambda"), echo(cloud)
    version = functions.publish_version(FunctionName="echo")["Version"]
    functions.create_alias(FunctionName="echo", Name="live", FunctionVersion=version)
    url = url_of(cloud, f"{arn}:live")
    assert call(url).status == 500
    permit(cloud, "echo", f"{EXECUTE}*/live", Qualifier="live")
    assert call(url).status == 500
    permit(cloud, "echo", f"{EXECUTE}*", Qualifier="live")
    assert call(url).json["parameters"] == {"id": "1"}


def test_stock_needs_no_permission(stock_gateway):
    assert call(url_of(stock_gateway, echo(stock_gateway, permitted=None))).status == 200
