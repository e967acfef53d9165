"""A site in two languages with an API and a bucket of pictures."""

import json

import pulumi
import pulumi_aws as aws

from components import FunctionsArgs, ServerlessApi, StaticSite

config = pulumi.Config()
functions: FunctionsArgs = {
    "architecture": config.require("lambdaArchitecture"),
    "python": config.require("lambdaPython"),
}
parameter = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
answer = {"200": {"description": "a thing"}}
operations = {
    method: {"operationId": f"{method}Thing", "security": [], "responses": answer}
    for method in ("get", "put")
}
document = {
    "openapi": "3.0.3",
    "info": {"title": "things", "version": "1"},
    "paths": {"/things/{id}": {**operations, "parameters": [parameter]}},
}
api = ServerlessApi(
    "things",
    {
        "openapi": json.dumps(document),
        "operations": {"getThing": "thing", "putThing": "thing"},
        "api_functions": {"thing": {"code": "code"}},
        "stage_name": "api",
        "functions": functions,
    },
)
pictures = aws.s3.Bucket("pictures")


def break_one(args: pulumi.ResourceTransformArgs) -> pulumi.ResourceTransformResult | None:
    """Set the bucket of one asset to a bucket that does not exist."""
    if not args.name.endswith(".svg"):
        return None
    props = {**args.props, "bucket": "no-such-bucket-anywhere"}
    return pulumi.ResourceTransformResult(props, args.opts)


site = StaticSite(
    "web",
    {
        "content": "site",
        "assets": "assets/",
        "languages": ["en", "de"],
        "routes": {"/en/posts/*": "/en/post.html"},
        "redirects": {"/old": "/en/"},
        "apis": {"api": api.url},
        "buckets": {"img": pictures.bucket_regional_domain_name},
        "edge_functions": {"origin-response": {"code": "stamp"}},
        "response_headers": {
            "connect_origins": [api.url.apply(lambda url: "/".join(url.split("/")[:3]))]
        },
        "functions": functions,
    },
    pulumi.ResourceOptions(transforms=[break_one] if config.require("greeting") == "break" else []),
)
statement = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": pulumi.Output.concat(pictures.arn, "/img/*"),
    "Condition": {"ArnEquals": {"aws:SourceArn": site.distribution_arn}},
}
aws.s3.BucketPolicy(
    "pictures",
    bucket=pictures.bucket,
    policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]}),
)
pulumi.export("url", site.url)
pulumi.export("bucket", site.bucket_name)
pulumi.export("pictures", pictures.bucket)
pulumi.export("distribution", site.distribution_id)
