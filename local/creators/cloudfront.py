"""CloudFront: distributions and what they share. Functions at the edge are in `_edge.py`."""

import re
from typing import Any

from local.creators._edge import tag_items  # the import registers edge functions and stores
from local.engine.context import ACCOUNT, Context
from local.engine.registry import Created, Deleter, Inputs, Outputs, Update, creates

ZONE = "Z2FDTNDATAQYW2"
"""Where the names of all distributions are."""
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
UNHEEDED = ("webAclId", "loggingConfig", "viewerCertificate")


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
    """A distribution, served at a port of this machine from now on."""
    made = _write(context, "create_distribution", inputs)
    found = made["Distribution"]
    _tag(context, found["ARN"], inputs)
    domain = found["DomainName"]
    comment = inputs.get("comment", "")
    _serve(context, domain, comment, made["ResponseMetadata"]["HTTPHeaders"])
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
    """Calls the operation that takes all of a distribution; its answer."""
    wanted: dict[str, Any] = {"comment": "", **inputs, "callerReference": context.urn}
    wanted["origins"] = [_origin(each) for each in inputs["origins"]]
    wanted["defaultCacheBehavior"] = _behavior(inputs["defaultCacheBehavior"])
    ordered = inputs.get("orderedCacheBehaviors", [])
    wanted["orderedCacheBehaviors"] = [_behavior(each) for each in ordered]
    _note_behaviors(context, inputs)
    for key in UNHEEDED:
        if wanted.pop(key, None) and key != "viewerCertificate":
            context.note(f"{context.type}: argument {key}, which nothing here acts on")
    handled = tuple(f"{CONFIG}.{key}" for key in FOR_PULUMI)
    return context.call("cloudfront", operation, {CONFIG: wanted}, RENAMED, handled, **which)


def _serve(context: Context, domain: str, comment: str, headers: dict[str, str]) -> None:
    """Leads all mentions of the distribution to its port, which another program may have taken."""
    here = headers["x-viewer-url"]
    context.serve(f"https://{domain}", here)
    for wanted in WANTED.findall(comment):
        if wanted != here:
            context.note(f"{context.type}: the address {wanted}, as it is in use; it is {here}")
            context.serve(wanted, here)


def _origin(origin: Inputs) -> Inputs:
    """An origin as AWS takes it; one on this machine with its port and without TLS."""
    host, colon, port = origin["domainName"].partition(":")
    if colon:
        here = {"httpPort": int(port), "originProtocolPolicy": "http-only"}
        custom = {**origin["customOriginConfig"], **here}
        return {**origin, "domainName": host, "customOriginConfig": custom}
    if {"customOriginConfig", "vpcOriginConfig"} & set(origin):
        return origin
    return {"s3OriginConfig": {"originAccessIdentity": ""}, **origin}


def _behavior(behavior: Inputs) -> Inputs:
    """A cache behavior as AWS takes it: cached methods are a part of the allowed ones."""
    wanted = {key: value for key, value in behavior.items() if key != "cachedMethods"}
    wanted["allowedMethods"] = {
        "items": behavior["allowedMethods"],
        "cachedMethods": behavior["cachedMethods"],
    }
    return wanted


def _note_behaviors(context: Context, inputs: Inputs) -> None:
    """Tells which behaviors the emulator's edge takes and does not act on."""
    behaviors = [inputs["defaultCacheBehavior"], *inputs.get("orderedCacheBehaviors", [])]
    if any(each.get("lambdaFunctionAssociations") for each in behaviors):
        context.note(
            f"{context.type}: argument lambdaFunctionAssociations, as the emulator's edge runs"
            " CloudFront Functions alone; pages are served without Lambda@Edge"
        )


def _tag(context: Context, arn: str, inputs: Inputs) -> None:
    tags = tag_items(context, inputs)
    if tags["Items"]:
        context.client("cloudfront").tag_resource(Resource=arn, Tags=tags)


def _by_etag(noun: str) -> Deleter:
    """Delete a `noun`, such as `cache_policy`. CloudFront asks for the ETag of what it deletes."""

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
    """How CloudFront signs its requests to an origin."""
    return _policy(context, "origin-access-control", inputs, limit=64)


@creates("aws:cloudfront/cachePolicy:CachePolicy", delete=_by_etag("cache_policy"))
def cache_policy(context: Context, inputs: Inputs) -> Created:
    """What makes two requests the same object, and how long it is kept."""
    times = {"minTtl": 0, "defaultTtl": 86_400, "maxTtl": 31_536_000}
    return _policy(context, "cache-policy", {**times, **inputs})


@creates(
    "aws:cloudfront/originRequestPolicy:OriginRequestPolicy",
    delete=_by_etag("origin_request_policy"),
)
def origin_request_policy(context: Context, inputs: Inputs) -> Created:
    """What origins are told besides what makes the object."""
    return _policy(context, "origin-request-policy", inputs)


@creates(
    "aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy",
    delete=_by_etag("response_headers_policy"),
)
def response_headers_policy(context: Context, inputs: Inputs) -> Created:
    """Headers that every answer of a behavior gets."""
    return _policy(context, "response-headers-policy", inputs)


@creates("aws:cloudfront/publicKey:PublicKey", delete=_by_etag("public_key"))
def public_key(context: Context, inputs: Inputs) -> Created:
    """A key that signed URLs are checked with."""
    reference = {"callerReference": context.urn}
    made, outputs = _policy(context, "public-key", {**inputs, **reference})
    return made, outputs | reference


@creates("aws:cloudfront/keyGroup:KeyGroup", delete=_by_etag("key_group"))
def key_group(context: Context, inputs: Inputs) -> Created:
    """The keys that a behavior trusts."""
    return _policy(context, "key-group", inputs)


def _policy(context: Context, noun: str, inputs: Inputs, limit: int = 128) -> Created:
    """Makes one of the types that are a name and a configuration: `cache-policy`."""
    title = "".join(word.capitalize() for word in noun.split("-"))
    name = context.named(inputs, limit=limit)
    config = {key: value for key, value in inputs.items() if key != "namePrefix"} | {"name": name}
    operation = f"create_{noun.replace('-', '_')}"
    made = context.call("cloudfront", operation, {f"{title}Config": config})
    id_ = made[title]["Id"]
    arn = f"arn:aws:cloudfront::{ACCOUNT}:{noun}/{id_}"
    return id_, {"name": name, "etag": made["ETag"], "arn": arn}
