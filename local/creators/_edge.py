"""CloudFront Functions and the key value stores that they read."""

import json
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any
from urllib.parse import quote, urlsplit

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest

from local.engine.context import Context
from local.engine.registry import Created, Inputs, Outputs, Update, creates, overwrite, with_owner


def _update_function(context: Context, name: str, inputs: Inputs) -> Outputs:
    client = context.client("cloudfront")
    etag = client.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
    etag = client.update_function(
        Name=name,
        IfMatch=etag,
        FunctionConfig=_function_config(inputs),
        FunctionCode=inputs["code"].encode(),
    )["ETag"]
    client.publish_function(Name=name, IfMatch=etag)
    return {"etag": etag, "liveStageEtag": etag}


def _delete_function(context: Context, name: str, _state: Outputs) -> None:
    client = context.client("cloudfront")
    etag = client.describe_function(Name=name, Stage="DEVELOPMENT")["ETag"]
    client.delete_function(Name=name, IfMatch=etag)


@creates(
    "aws:cloudfront/function:Function",
    update=Update(_update_function, replaced_by=("name",)),
    delete=_delete_function,
)
def function(context: Context, inputs: Inputs) -> Created:
    """A CloudFront function, published by default."""
    name = context.named(inputs, limit=64)
    made = context.call(
        "cloudfront",
        "create_function",
        {},
        Name=name,
        FunctionConfig=_function_config(inputs),
        FunctionCode=inputs["code"].encode(),
        Tags=tag_items(context, inputs),
    )
    etag = made["ETag"]
    publish = inputs.get("publish", True)
    if publish:
        context.call("cloudfront", "publish_function", {}, Name=name, IfMatch=etag)
    return name, {
        "name": name,
        "arn": made["FunctionSummary"]["FunctionMetadata"]["FunctionARN"],
        "etag": etag,
        "liveStageEtag": etag if publish else "",
        "status": "UNASSOCIATED",
    }


def _function_config(inputs: Inputs) -> dict[str, Any]:
    """Returns the configuration of a CloudFront function."""
    stores = [{"KeyValueStoreARN": arn} for arn in inputs.get("keyValueStoreAssociations", [])]
    config: dict[str, Any] = {"Comment": inputs.get("comment", ""), "Runtime": inputs["runtime"]}
    if stores:
        config["KeyValueStoreAssociations"] = {"Quantity": len(stores), "Items": stores}
    return config


def _delete_store(context: Context, _id: str, state: Outputs) -> None:
    client, name = context.client("cloudfront"), state["name"]
    etag = client.describe_key_value_store(Name=name)["ETag"]
    client.delete_key_value_store(Name=name, IfMatch=etag)


@creates("aws:cloudfront/keyValueStore:KeyValueStore", delete=_delete_store)
def key_value_store(context: Context, inputs: Inputs) -> Created:
    """A key value store that CloudFront Functions read."""
    name = context.named(inputs, limit=64)
    comment = {"comment": inputs.get("comment", "")}
    tags = {"Tags": tag_items(context, inputs)}
    handled = ("tags",)
    made = context.call(
        "cloudfront", "create_key_value_store", comment, handled=handled, Name=name, **tags
    )
    found = made["KeyValueStore"]
    return found["Id"], {
        "name": name,
        "arn": found["ARN"],
        "etag": made["ETag"],
        "lastModifiedTime": str(found["LastModifiedTime"]),
    }


@creates(
    "aws:cloudfront/keyvaluestoreKeysExclusive:KeyvaluestoreKeysExclusive",
    update=overwrite("keyValueStoreArn"),
    delete=with_owner,
)
def key_value_store_keys(context: Context, inputs: Inputs) -> Created:
    """All pairs of a store. Other pairs are removed."""
    arn, pairs = inputs["keyValueStoreArn"], inputs.get("resourceKeyValuePairs", [])
    store = Store(arn, context.client("cloudfront"))
    try:
        size = store.put({each["key"]: each["value"] for each in pairs})
    finally:
        store.close()
    return arn, {"totalSizeInBytes": size, "maxBatchSize": inputs.get("maxBatchSize", 50)}


def tag_items(context: Context, inputs: Inputs) -> dict[str, Any]:
    """Returns the tags of a resource in CloudFront's form."""
    tags = {**context.default_tags, **inputs.get("tags", {})}
    return {"Items": [{"Key": key, "Value": value} for key, value in tags.items()]}


class Store:
    """The content of one store. boto3 would need a compiled library to sign these requests."""

    def __init__(self, arn: str, cloudfront: Any) -> None:
        self._path = f"/key-value-stores/{quote(arn, safe='')}"
        self._endpoint = cloudfront.meta.endpoint_url
        keys = cloudfront._request_signer._credentials
        self._signer = SigV4Auth(keys, "cloudfront-keyvaluestore", cloudfront.meta.region_name)
        self._connection = HTTPConnection(urlsplit(self._endpoint).netloc, timeout=20)

    def put(self, pairs: dict[str, str]) -> int:
        """Replaces the content of the store with `pairs` and returns its size in bytes."""
        etag, store = self._call("GET", self._path, "", {})
        removed = [{"Key": key} for key in self._keys() if key not in pairs]
        if not pairs and not removed:
            return int(store["TotalSizeInBytes"])
        puts = [{"Key": key, "Value": value} for key, value in pairs.items()]
        headers = {"If-Match": etag, "Content-Type": "application/json"}
        body = json.dumps({"Puts": puts, "Deletes": removed})
        return int(self._call("POST", f"{self._path}/keys", body, headers)[1]["TotalSizeInBytes"])

    def close(self) -> None:
        """Closes the connection."""
        self._connection.close()

    def _keys(self) -> Iterator[str]:
        token = ""
        while True:
            page = self._call("GET", f"{self._path}/keys{token}", "", {})[1]
            yield from (each["Key"] for each in page["Items"])
            if "NextToken" not in page:
                return
            token = f"?NextToken={page['NextToken']}"

    def _call(
        self, method: str, path: str, body: str, headers: dict[str, str]
    ) -> tuple[str, dict[str, Any]]:
        request = AWSRequest(method, self._endpoint + path, data=body, headers=headers)
        self._signer.add_auth(request)
        self._connection.request(method, path, body, dict(request.headers))
        answer = self._connection.getresponse()
        text = answer.read().decode()
        if answer.status != 200:
            raise ValueError(f"{method} of the key value store failed: {text}")
        return answer.headers.get("ETag", ""), json.loads(text)
