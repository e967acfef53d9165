"""A service that answers what another one answers."""

import os
from urllib.request import urlopen


def handler(event, context):
    with urlopen(os.environ["CATALOGUE_URL"] + "/products/1") as answer:
        return {"statusCode": 200, "body": answer.read().decode()}
