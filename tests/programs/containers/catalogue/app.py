"""A service that says who it is."""

import json
import os
import time

import boto3

VERSION = "1"


def handler(event, context):
    answer = {"pid": os.getpid(), "path": event["path"], "version": VERSION}
    if event["path"] == "/slow":
        time.sleep(1)
    if event["path"] == "/identity":
        answer["arn"] = boto3.client("sts").get_caller_identity()["Arn"]
    return {"statusCode": 200, "body": json.dumps(answer)}
