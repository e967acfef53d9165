"""The prod stack on this machine: names of its own are served at local addresses."""

from typing import Any
from urllib.parse import urlsplit

from local.cloud import Cloud
from tests.emulator.gateway import call


def test_a_page_with_a_name_of_its_own_is_served_here():
    reports: list[dict[str, Any]] = []
    with Cloud(stack="prod", systems=("todo",), listen=reports.append) as cloud:
        site = cloud.outputs["todo"]["siteUrl"]
        assert urlsplit(site).hostname == "localhost"
        config = call(f"{site}/config.json").json
        assert (config["siteUrl"], config["apiUrl"]) == (site, f"{site}/api")
        assert call(f"{site}/api/health").status == 200
        pool = cloud.outputs["todo"]["userPoolId"], cloud.outputs["todo"]["userPoolClientId"]
        client = cloud.client("cognito-idp").describe_user_pool_client(
            UserPoolId=pool[0], ClientId=pool[1]
        )["UserPoolClient"]
        assert client["CallbackURLs"] == [f"{site}/"]
    noted = {each["message"] for each in reports if each["event"] == "not_emulated"}
    assert "aws:route53/record:Record: the program uses a hosted zone that is not its own" in noted
