"""Add a header to the responses of the origin of pages."""


def handler(event, context):
    response = event["Records"][0]["cf"]["response"]
    response["headers"]["x-stamp"] = [{"key": "X-Stamp", "value": "1"}]
    return response
