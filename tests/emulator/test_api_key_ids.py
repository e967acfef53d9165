"""A function knows which API key a request has, if the method requires one."""

from tests.emulator.gateway import call, document, permit, proxy, put

IDENTITY = """
import json
def handler(event, context):
    return {"statusCode": 200, "body": json.dumps(event["requestContext"]["identity"])}
"""
SCHEMES = {"securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}}


def deployed(cloud):
    """Return the address of an API, and the value and ID of each of two keys."""
    arn = cloud.function("identity", IDENTITY)
    permit(cloud, "identity", "arn:aws:execute-api:us-east-1:000000000000:*")
    paths = {
        "/keys": {"get": {**proxy(arn), "security": [{"key": []}]}},
        "/all": {"get": proxy(arn)},
    }
    api = put(cloud, document(paths, components=SCHEMES))
    gateway = cloud.client("apigateway")
    gateway.create_deployment(restApiId=api, stageName="v1")
    stage = {"apiId": api, "stage": "v1"}
    plan = gateway.create_usage_plan(name="plan", apiStages=[stage])["id"]
    keys = [gateway.create_api_key(name=name, enabled=True) for name in ("shop-a", "shop-b")]
    for key in keys:
        gateway.create_usage_plan_key(usagePlanId=plan, keyId=key["id"], keyType="API_KEY")
    url = f"{cloud.emulator.endpoint}/_aws/execute-api/{api}/v1"
    return url, [(key["value"], key["id"]) for key in keys]


def test_the_event_has_the_key_of_the_request(cloud):
    url, keys = deployed(cloud)
    for value, key_id in keys:
        identity = call(f"{url}/keys", x_api_key=value).json
        assert (identity["apiKey"], identity["apiKeyId"]) == (value, key_id)
        assert not call(f"{url}/all", x_api_key=value).json.get("apiKeyId")  # requires none
    assert call(f"{url}/keys").status == 403


def test_stock_passes_no_key(stock_gateway):
    url, [(value, _), _] = deployed(stock_gateway)
    assert "apiKeyId" not in call(f"{url}/keys", x_api_key=value).json
