import json


def handler(event, context):
    found = event["pathParameters"]["id"] == "1"
    headers = {name.lower(): value for name, value in event["headers"].items()}
    answer = {"authorization": headers.get("authorization"), "method": event["httpMethod"]}
    return {
        "statusCode": 200 if found else 404,
        "headers": {"Content-Type": "application/json", "Cache-Control": "max-age=60"},
        "body": json.dumps(answer if found else {"error": "NOT_FOUND", "message": "none"}),
    }
