"""Two sites: one resource of every type of CloudFront."""

import pulumi
import pulumi_aws as aws

CODE = """
import cf from 'cloudfront';
const store = cf.kvs();
async function handler(event) {
  const request = event.request;
  if (await store.exists(request.uri)) request.uri = await store.get(request.uri);
  return request;
}
"""
KEY = """-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE7nR9FImrRfzGx8j1S1kKxBfQ0wJv
xvCkMN6qXBMCSGZb9PSGKCRQT7dpYp4VzTzPj3hzT0yRjiPjJ0wMiq5ctg==
-----END PUBLIC KEY-----
"""

bucket = aws.s3.Bucket("pages")
control = aws.cloudfront.OriginAccessControl(
    "pages",
    origin_access_control_origin_type="s3",
    signing_behavior="always",
    signing_protocol="sigv4",
)
store = aws.cloudfront.KeyValueStore("moved", comment="where pages went")
pairs = aws.cloudfront.KeyvaluestoreKeysExclusive(
    "moved",
    key_value_store_arn=store.arn,
    resource_key_value_pairs=[{"key": "/old", "value": "/new.html"}],
)
function = aws.cloudfront.Function(
    "rewrite",
    runtime="cloudfront-js-2.0",
    code=CODE,
    key_value_store_associations=[store.arn],
)
key = aws.cloudfront.PublicKey("key", encoded_key=KEY)
group = aws.cloudfront.KeyGroup("group", items=[key.id])
caching = aws.cloudfront.CachePolicy(
    "api",
    default_ttl=0,
    parameters_in_cache_key_and_forwarded_to_origin={
        "cookies_config": {"cookie_behavior": "none"},
        "headers_config": {
            "header_behavior": "whitelist",
            "headers": {"items": ["Authorization"]},
        },
        "query_strings_config": {"query_string_behavior": "all"},
        "enable_accept_encoding_brotli": True,
        "enable_accept_encoding_gzip": True,
    },
)
requests = aws.cloudfront.OriginRequestPolicy(
    "api",
    cookies_config={"cookie_behavior": "all"},
    headers_config={"header_behavior": "allExcept", "headers": {"items": ["Host"]}},
    query_strings_config={"query_string_behavior": "all"},
)
headers = aws.cloudfront.ResponseHeadersPolicy(
    "site",
    security_headers_config={
        "content_type_options": {"override": True},
        "frame_options": {"frame_option": "DENY", "override": True},
        "strict_transport_security": {
            "access_control_max_age_sec": 60,
            "include_subdomains": True,
            "override": True,
        },
    },
    custom_headers_config={
        "items": [{"header": "permissions-policy", "value": "camera=()", "override": True}]
    },
)
behavior = {
    "target_origin_id": "pages",
    "viewer_protocol_policy": "redirect-to-https",
    "allowed_methods": ["GET", "HEAD"],
    "cached_methods": ["GET", "HEAD"],
    "cache_policy_id": caching.id,
    "origin_request_policy_id": requests.id,
    "response_headers_policy_id": headers.id,
    "function_associations": [{"event_type": "viewer-request", "function_arn": function.arn}],
}
site = aws.cloudfront.Distribution(
    "site",
    enabled=True,
    is_ipv6_enabled=True,
    http_version="http2and3",
    default_root_object="new.html",
    origins=[
        {
            "origin_id": "pages",
            "domain_name": bucket.bucket_regional_domain_name,
            "origin_access_control_id": control.id,
        }
    ],
    default_cache_behavior={**behavior, "compress": True},
    ordered_cache_behaviors=[
        {**behavior, "path_pattern": "/paid/*", "trusted_key_groups": [group.id]}
    ],
    custom_error_responses=[{"error_code": 404, "error_caching_min_ttl": 1}],
    restrictions={"geo_restriction": {"restriction_type": "blacklist", "locations": ["AQ"]}},
    viewer_certificate={"cloudfront_default_certificate": True},
    price_class="PriceClass_100",
    tags={"kind": "site"},
)
statement = {
    "Effect": "Allow",
    "Principal": {"Service": "cloudfront.amazonaws.com"},
    "Action": "s3:GetObject",
    "Resource": pulumi.Output.concat(bucket.arn, "/*"),
    "Condition": {"StringEquals": {"AWS:SourceArn": site.arn}},
}
aws.s3.BucketPolicy(
    "pages",
    bucket=bucket.bucket,
    policy=pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": [statement]}),
)
url = pulumi.Output.concat("https://", site.domain_name)
pulumi.export("url", url)
pulumi.export("bucket", bucket.bucket)

network = aws.ec2.Vpc("network", cidr_block="10.0.0.0/16")
subnet = aws.ec2.Subnet("subnet", vpc_id=network.id, cidr_block="10.0.0.0/24")
balancer = aws.lb.LoadBalancer("balancer", internal=True, subnets=[subnet.id])
aws.cloudfront.VpcOrigin(
    "origin",
    vpc_origin_endpoint_config={
        "name": "origin",
        "arn": aws.lb.get_load_balancer_output(arn=balancer.arn).arn,
        "http_port": 8080,
        "https_port": 443,
        "origin_protocol_policy": "http-only",
        "origin_ssl_protocols": {"items": ["TLSv1.2"], "quantity": 1},
    },
    tags={"kind": "site"},
)
aws.cloudfront.MonitoringSubscription(
    "metrics",
    distribution_id=site.id,
    monitoring_subscription={
        "realtime_metrics_subscription_config": {"realtime_metrics_subscription_status": "Enabled"}
    },
)
