import json


def handler(event, context):
    context_ = event["requestContext"]
    answer = {
        "path": event["path"],
        "parameters": event["pathParameters"],
        "query": event["queryStringParameters"],
        "body": event["body"],
        "claims": (context_.get("authorizer") or {}).get("claims"),
        "function": context.invoked_function_arn,
    }
    return {
        "statusCode": 200,
        "headers": {"Content-Type": "application/json"},
        "body": json.dumps(answer),
    }
