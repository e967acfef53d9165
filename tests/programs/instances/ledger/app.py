"""A service that answers with its version."""

import json

VERSION = "1"


def handler(event, context):
    """Answer any request with the version."""
    return {"statusCode": 200, "body": json.dumps({"version": VERSION})}
