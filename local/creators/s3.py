"""S3 buckets and their settings."""

from local.engine.archive import content
from local.engine.context import Context
from local.engine.fit import text
from local.engine.registry import (
    Call,
    Created,
    Inputs,
    Outputs,
    Update,
    creates,
    invokes,
    overwrite,
    state_only,
    with_owner,
)


def _delete_bucket(context: Context, name: str, state: Outputs) -> None:
    client = context.client("s3")
    if state.get("forceDestroy"):
        for page in client.get_paginator("list_object_versions").paginate(Bucket=name):
            for each in [*page.get("Versions", []), *page.get("DeleteMarkers", [])]:
                client.delete_object(Bucket=name, Key=each["Key"], VersionId=each["VersionId"])
        for page in client.get_paginator("list_objects_v2").paginate(Bucket=name):
            for each in page.get("Contents", []):
                client.delete_object(Bucket=name, Key=each["Key"])
    client.delete_bucket(Bucket=name)


@creates(
    "aws:s3/bucket:Bucket",
    update=Update(
        state_only, replaced_by=("bucket", "objectLockEnabled"), changes=("forceDestroy",)
    ),
    delete=_delete_bucket,
)
def bucket(context: Context, inputs: Inputs) -> Created:
    """A bucket. Its settings are separate resources, as the provider recommends."""
    name = context.named(inputs, "bucket", limit=63).lower()
    wanted = {"objectLockEnabledForBucket": inputs.get("objectLockEnabled")}
    wanted |= {key: value for key, value in inputs.items() if key not in ("bucket", "tags")}
    where = {} if context.region == "us-east-1" else {"LocationConstraint": context.region}
    context.call(
        "s3",
        "create_bucket",
        wanted,
        handled=("objectLockEnabled", "bucketPrefix"),
        Bucket=name,
        **({"CreateBucketConfiguration": where} if where else {}),
    )
    tags = {**context.default_tags, **inputs.get("tags", {})}
    if tags:
        pairs = [{"Key": key, "Value": value} for key, value in tags.items()]
        context.call("s3", "put_bucket_tagging", {}, Bucket=name, Tagging={"TagSet": pairs})
    endpoint = context.client("s3").meta.endpoint_url
    # Pages receive this address as an origin that they may send requests to.
    context.serve(f"https://{name}.s3.{context.region}.amazonaws.com", f"{endpoint}/{name}")
    return name, _addresses(name, context.region)


@invokes(
    "aws:s3/getBucket:getBucket",
    preview={"bucketRegionalDomainName": "own.s3.us-east-1.amazonaws.com"},
)
def get_bucket(context: Context, inputs: Inputs) -> Inputs:
    """Returns an existing bucket."""
    name = inputs["bucket"]
    found = context.call("s3", "get_bucket_location", {}, Bucket=name)["LocationConstraint"]
    return {
        "id": name,
        "region": context.region,
        "hostedZoneId": "",
        **_addresses(name, found or "us-east-1"),
    }


def _addresses(name: str, region: str) -> dict[str, str]:
    return {
        "bucket": name,
        "arn": f"arn:aws:s3:::{name}",
        "bucketRegion": region,
        "bucketDomainName": f"{name}.s3.amazonaws.com",
        "bucketRegionalDomainName": f"{name}.s3.{region}.amazonaws.com",
    }


@creates(
    "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
    update=overwrite("bucket"),
    delete=with_owner,
)
def public_access_block(context: Context, inputs: Inputs) -> Created:
    """The public access block. Its four settings are off by default, as in the provider."""
    switches = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
    block = {key: inputs.get(key, False) for key in switches}
    return _put(context, inputs, "put_public_access_block", PublicAccessBlockConfiguration=block)


@creates(
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
    update=overwrite("bucket"),
    delete=with_owner,
)
def encryption(context: Context, inputs: Inputs) -> Created:
    """The default encryption of a bucket."""
    rules = {"rules": inputs["rules"]}
    operation = "put_bucket_encryption"
    return _put(context, inputs, operation, ServerSideEncryptionConfiguration=rules)


@creates("aws:s3/bucketVersioning:BucketVersioning", update=overwrite("bucket"), delete=with_owner)
def versioning(context: Context, inputs: Inputs) -> Created:
    """The versioning of a bucket."""
    wanted = inputs["versioningConfiguration"]
    return _put(context, inputs, "put_bucket_versioning", VersioningConfiguration=wanted)


@creates(
    "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
    update=overwrite("bucket"),
    delete=with_owner,
)
def lifecycle(context: Context, inputs: Inputs) -> Created:
    """The lifecycle rules of a bucket."""
    rules = {"rules": [{"filter": {"prefix": ""}, **rule} for rule in inputs["rules"]]}
    operation = "put_bucket_lifecycle_configuration"
    return _put(context, inputs, operation, LifecycleConfiguration=rules)


@creates(
    "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
    update=overwrite("bucket"),
    delete=with_owner,
)
def ownership_controls(context: Context, inputs: Inputs) -> Created:
    """The ownership of uploaded objects."""
    rules = {"rules": [inputs["rule"]]}
    return _put(context, inputs, "put_bucket_ownership_controls", OwnershipControls=rules)


@creates(
    "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration",
    update=overwrite("bucket"),
    delete=with_owner,
)
def cors_configuration(context: Context, inputs: Inputs) -> Created:
    """The CORS rules of a bucket."""
    rules = {"corsRules": inputs["corsRules"]}
    return _put(context, inputs, "put_bucket_cors", CORSConfiguration=rules)


@creates("aws:s3/bucketPolicy:BucketPolicy", update=overwrite("bucket"), delete=with_owner)
def bucket_policy(context: Context, inputs: Inputs) -> Created:
    """The policy of a bucket."""
    policy = text(inputs["policy"])
    return _put(context, inputs, "put_bucket_policy", Policy=policy)


@creates(
    "aws:s3/bucketNotification:BucketNotification", update=overwrite("bucket"), delete=with_owner
)
def bucket_notification(context: Context, inputs: Inputs) -> Created:
    """The event notifications of a bucket, which are replaced together."""
    kinds = {"lambdaFunctions": "LambdaFunction", "queues": "Queue", "topics": "Topic"}
    wanted: Inputs = {
        f"{kind}Configurations": [_notification(each) for each in inputs.get(key) or []]
        for key, kind in kinds.items()
    }
    if inputs.get("eventbridge"):
        wanted["eventBridgeConfiguration"] = {}
    operation = "put_bucket_notification_configuration"
    return _put(context, inputs, operation, NotificationConfiguration=wanted)


def _notification(inputs: Inputs) -> Inputs:
    """Returns a notification with its filter rules, which are two arguments in the provider."""
    rules = [
        {"name": kind, "value": inputs[f"filter{kind.capitalize()}"]}
        for kind in ("prefix", "suffix")
        if inputs.get(f"filter{kind.capitalize()}")
    ]
    rest = {key: value for key, value in inputs.items() if not key.startswith("filter")}
    return {**rest, "filter": {"key": {"filterRules": rules}}} if rules else rest


@creates(
    "aws:s3/bucketObjectv2:BucketObjectv2",
    update=overwrite("bucket", "key"),
    delete=Call("s3", "delete_object", Bucket="bucket", Key="key"),
)
def bucket_object(context: Context, inputs: Inputs) -> Created:
    """An object from a file or text of the program."""
    given = inputs.get("content", "").encode()
    body = content(inputs["source"]) if "source" in inputs else given
    handled = ("source", "content", "sourceHash", "serverSideEncryption", "forceDestroy")
    made = context.call("s3", "put_object", inputs, handled=handled, Body=body)
    bucket, key = inputs["bucket"], inputs["key"]
    return key, {
        "arn": f"arn:aws:s3:::{bucket}/{key}",
        "etag": made["ETag"].strip('"'),
        "versionId": made.get("VersionId", ""),
    }


def _put(context: Context, inputs: Inputs, operation: str, **wanted: object) -> Created:
    context.call("s3", operation, wanted, Bucket=inputs["bucket"])
    return inputs["bucket"], {}


@creates("aws:s3/bucketAccelerateConfiguration:BucketAccelerateConfiguration", delete=with_owner)
def accelerate_configuration(context: Context, inputs: Inputs) -> Created:
    """The transfer acceleration of a bucket."""
    wanted = {"status": inputs["status"]}
    operation = "put_bucket_accelerate_configuration"
    return _put(context, inputs, operation, AccelerateConfiguration=wanted)
