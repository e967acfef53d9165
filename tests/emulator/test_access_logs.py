"""Access logs of a stage."""

import json

from tests.emulator.gateway import Users, call, claims, document, echo, proxy, put

FORMAT = {
    "status": "$context.status",
    "path": "$context.resourcePath",
    "user": "$context.authorizer.claims.sub",
    "error": "$context.error.responseType",
}


def logged(cloud):
    """Return the log of an allowed and a denied request, and the user's sub."""
    users = Users(cloud)
    users.add()
    cloud.client("logs").create_log_group(logGroupName="access")
    route = {"security": [{"users": []}], **proxy(echo(cloud))}
    components = {"securitySchemes": users.scheme()}
    api = put(cloud, document({"/notes/{id}": {"get": route}}, components=components))
    gateway = cloud.client("apigateway")
    gateway.create_deployment(restApiId=api, stageName="v1")
    settings = {
        "destinationArn": "arn:aws:logs:us-east-1:000000000000:log-group:access",
        "format": json.dumps(FORMAT),
    }
    gateway.update_stage(
        restApiId=api,
        stageName="v1",
        patchOperations=[
            {"op": "replace", "path": f"/accessLogSettings/{key}", "value": value}
            for key, value in settings.items()
        ],
    )
    url = f"{cloud.emulator.endpoint}/_aws/execute-api/{api}/v1/notes/1"
    token = users.sign_in()["IdToken"]
    assert call(url, authorization=token).status == 200
    assert call(url).status == 401
    events = cloud.client("logs").filter_log_events(logGroupName="access")["events"]
    return [json.loads(each["message"]) for each in events], claims(token)["sub"]


def test_every_request_is_logged(cloud):
    lines, sub = logged(cloud)
    path = "/notes/{id}"
    assert lines == [
        {"status": "200", "path": path, "user": sub, "error": "-"},
        {"status": "401", "path": path, "user": "-", "error": "UNAUTHORIZED"},
    ]


def test_stock_logs_nothing(stock_gateway):
    assert logged(stock_gateway)[0] == []
