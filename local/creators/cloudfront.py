"""CloudFront distributions and policies. CloudFront Functions are in `_edge.py`."""

import re
from typing import Any

from local.creators._edge import tag_items  # the import registers edge functions and stores
from local.engine.context import ACCOUNT, Context
from local.engine.registry import (
    Call,
    Created,
    Deleter,
    Inputs,
    Outputs,
    Update,
    creates,
    overwrite,
)

ZONE = "Z2FDTNDATAQYW2"
"""The hosted zone ID of all distributions."""
CONFIG = "distributionConfig"
RENAMED = {
    f"{CONFIG}.{path}": member
    for path, member in {
        "orderedCacheBehaviors": "CacheBehaviors",
        "defaultCacheBehavior.lambdaFunctionAssociations.lambdaArn": "LambdaFunctionARN",
        "orderedCacheBehaviors.lambdaFunctionAssociations.lambdaArn": "LambdaFunctionARN",
        "origins.originId": "Id",
        "origins.customHeaders.name": "HeaderName",
        "origins.customHeaders.value": "HeaderValue",
        "originGroups.originId": "Id",
        "restrictions.geoRestriction.locations": "Items",
    }.items()
}
WANTED = re.compile(r"\bhttp://localhost:\d{1,5}\b")
FOR_PULUMI = ("waitForDeployment", "retainOnDelete", "tags")
NOT_APPLIED = ("webAclId", "loggingConfig", "viewerCertificate")


def _update_distribution(context: Context, id_: str, inputs: Inputs) -> Outputs:
    etag = context.client("cloudfront").get_distribution_config(Id=id_)["ETag"]
    made = _write(context, "update_distribution", inputs, Id=id_, IfMatch=etag)
    return {"etag": made["ETag"]}


def _delete_distribution(context: Context, id_: str, _state: Outputs) -> None:
    client = context.client("cloudfront")
    found = client.get_distribution_config(Id=id_)
    disabled = found["DistributionConfig"] | {"Enabled": False}
    etag = client.update_distribution(Id=id_, IfMatch=found["ETag"], DistributionConfig=disabled)[
        "ETag"
    ]
    client.delete_distribution(Id=id_, IfMatch=etag)


@creates(
    "aws:cloudfront/distribution:Distribution",
    update=Update(_update_distribution, replaced_by=()),
    delete=_delete_distribution,
)
def distribution(context: Context, inputs: Inputs) -> Created:
    """A distribution, which is served at a port of this machine."""
    made = _write(context, "create_distribution", inputs)
    found = made["Distribution"]
    _tag(context, found["ARN"], inputs)
    domain = found["DomainName"]
    comment = inputs.get("comment", "")
    names = [domain, *inputs.get("aliases", [])]
    _serve(context, names, comment, made["ResponseMetadata"]["HTTPHeaders"])
    return found["Id"], {
        "arn": found["ARN"],
        "domainName": domain,
        "hostedZoneId": ZONE,
        "etag": made["ETag"],
        "status": found["Status"],
        "callerReference": context.urn,
        "lastModifiedTime": str(found["LastModifiedTime"]),
        "inProgressValidationBatches": 0,
        "loggingV1Enabled": bool(inputs.get("loggingConfig")),
        "trustedKeyGroups": [],
        "trustedSigners": [],
    }


def _write(context: Context, operation: str, inputs: Inputs, **which: str) -> dict[str, Any]:
    """Calls an operation with the whole configuration of a distribution."""
    wanted: dict[str, Any] = {"comment": "", **inputs, "callerReference": context.urn}
    wanted["origins"] = [_origin(each) for each in inputs["origins"]]
    wanted["defaultCacheBehavior"] = _behavior(inputs["defaultCacheBehavior"])
    ordered = inputs.get("orderedCacheBehaviors", [])
    wanted["orderedCacheBehaviors"] = [_behavior(each) for each in ordered]
    _note_behaviors(context, inputs)
    for key in NOT_APPLIED:
        if wanted.pop(key, None) and key != "viewerCertificate":
            context.note(f"{context.type}: argument {key}, which has no effect in the emulator")
    handled = tuple(f"{CONFIG}.{key}" for key in FOR_PULUMI)
    return context.call("cloudfront", operation, {CONFIG: wanted}, RENAMED, handled, **which)


def _serve(context: Context, names: list[str], comment: str, headers: dict[str, str]) -> None:
    """Serves the distribution's addresses at its port. The wanted port may be in use."""
    here = headers["x-viewer-url"]
    for name in names:
        context.serve(f"https://{name}", here)
    for wanted in WANTED.findall(comment):
        if wanted != here:
            context.note(
                f"{context.type}: the address {wanted}, which is in use; {here} replaces it"
            )
            context.serve(wanted, here)


def _origin(origin: Inputs) -> Inputs:
    """Returns an origin in the form of AWS. One on this machine has a port and no TLS."""
    host, colon, port = origin["domainName"].partition(":")
    if colon:
        here = {"httpPort": int(port), "originProtocolPolicy": "http-only"}
        custom = {**origin["customOriginConfig"], **here}
        return {**origin, "domainName": host, "customOriginConfig": custom}
    if {"customOriginConfig", "vpcOriginConfig"} & set(origin):
        return origin
    return {"s3OriginConfig": {"originAccessIdentity": ""}, **origin}


def _behavior(behavior: Inputs) -> Inputs:
    """Returns a cache behavior in the form of AWS: cached methods are part of allowed methods."""
    wanted = {key: value for key, value in behavior.items() if key != "cachedMethods"}
    wanted["allowedMethods"] = {
        "items": behavior["allowedMethods"],
        "cachedMethods": behavior["cachedMethods"],
    }
    return wanted


def _note_behaviors(context: Context, inputs: Inputs) -> None:
    """Notes the settings of behaviors that the emulator does not apply."""
    behaviors = [inputs["defaultCacheBehavior"], *inputs.get("orderedCacheBehaviors", [])]
    if any(each.get("lambdaFunctionAssociations") for each in behaviors):
        context.note(
            f"{context.type}: argument lambdaFunctionAssociations, as the emulator's edge runs"
            " only CloudFront Functions; pages are served without Lambda@Edge"
        )


def _tag(context: Context, arn: str, inputs: Inputs) -> None:
    tags = tag_items(context, inputs)
    if tags["Items"]:
        context.client("cloudfront").tag_resource(Resource=arn, Tags=tags)


def _by_etag(noun: str) -> Deleter:
    """Returns the deletion of a `noun` such as `cache_policy`, which needs its ETag."""

    def delete(context: Context, id_: str, _state: Outputs) -> None:
        client = context.client("cloudfront")
        etag = getattr(client, f"get_{noun}")(Id=id_)["ETag"]
        getattr(client, f"delete_{noun}")(Id=id_, IfMatch=etag)

    return delete


@creates(
    "aws:cloudfront/originAccessControl:OriginAccessControl",
    delete=_by_etag("origin_access_control"),
)
def origin_access_control(context: Context, inputs: Inputs) -> Created:
    """An origin access control: how CloudFront signs its requests to an origin."""
    return _policy(context, "origin-access-control", inputs, limit=64)


@creates("aws:cloudfront/cachePolicy:CachePolicy", delete=_by_etag("cache_policy"))
def cache_policy(context: Context, inputs: Inputs) -> Created:
    """A cache policy: the cache key and the TTLs."""
    times = {"minTtl": 0, "defaultTtl": 86_400, "maxTtl": 31_536_000}
    return _policy(context, "cache-policy", {**times, **inputs})


@creates(
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy",
    delete=_by_etag("origin_request_policy"),
)
def origin_request_policy(context: Context, inputs: Inputs) -> Created:
    """An origin request policy: the values that origins receive besides the cache key."""
    return _policy(context, "origin-request-policy", inputs)


@creates(
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    delete=_by_etag("response_headers_policy"),
)
def response_headers_policy(context: Context, inputs: Inputs) -> Created:
    """A response headers policy: the headers of all responses of a behavior."""
    return _policy(context, "response-headers-policy", inputs)


@creates("aws:cloudfront/publicKey:PublicKey", delete=_by_etag("public_key"))
def public_key(context: Context, inputs: Inputs) -> Created:
    """A public key that verifies signed URLs."""
    reference = {"callerReference": context.urn}
    made, outputs = _policy(context, "public-key", {**inputs, **reference})
    return made, outputs | reference


@creates("aws:cloudfront/keyGroup:KeyGroup", delete=_by_etag("key_group"))
def key_group(context: Context, inputs: Inputs) -> Created:
    """A key group that a behavior trusts."""
    return _policy(context, "key-group", inputs)


def _policy(context: Context, noun: str, inputs: Inputs, limit: int = 128) -> Created:
    """Creates a type that has only a name and a configuration, such as `cache-policy`."""
    title = "".join(word.capitalize() for word in noun.split("-"))
    name = context.named(inputs, limit=limit)
    config = {key: value for key, value in inputs.items() if key != "namePrefix"} | {"name": name}
    operation = f"create_{noun.replace('-', '_')}"
    made = context.call("cloudfront", operation, {f"{title}Config": config})
    id_ = made[title]["Id"]
    arn = f"arn:aws:cloudfront::{ACCOUNT}:{noun}/{id_}"
    return id_, {"name": name, "etag": made["ETag"], "arn": arn}


def _update_origin(context: Context, id_: str, inputs: Inputs) -> Outputs:
    client = context.client("cloudfront")
    etag = client.get_vpc_origin(Id=id_)["ETag"]
    handled = ("tags",)
    made = context.call(
        "cloudfront", "update_vpc_origin", inputs, {}, handled, Id=id_, IfMatch=etag
    )
    return {"etag": made["ETag"]}


@creates(
    "aws:cloudfront/vpcOrigin:VpcOrigin",
    update=Update(_update_origin, replaced_by=()),
    delete=_by_etag("vpc_origin"),
)
def vpc_origin(context: Context, inputs: Inputs) -> Created:
    """A VPC origin: a load balancer that only CloudFront reaches."""
    made = context.call("cloudfront", "create_vpc_origin", inputs, {}, ("tags",))
    _tag(context, made["VpcOrigin"]["Arn"], inputs)
    return made["VpcOrigin"]["Id"], {"arn": made["VpcOrigin"]["Arn"], "etag": made["ETag"]}


@creates(
    "aws:cloudfront/monitoringSubscription:MonitoringSubscription",
    update=overwrite("distributionId"),
    delete=Call("cloudfront", "delete_monitoring_subscription", DistributionId="distributionId"),
)
def monitoring_subscription(context: Context, inputs: Inputs) -> Created:
    """The additional metrics of a distribution, which the emulator does not publish."""
    context.call("cloudfront", "create_monitoring_subscription", inputs)
    return inputs["distributionId"], {}
