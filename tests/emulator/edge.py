"""Helpers that create distributions for the emulator's tests."""

import json
from urllib.parse import urlsplit

CACHED = "658327ea-f89d-4fab-a63d-7e88639e58f6"
"""AWS's policy CachingOptimized: min TTL 1 second, default TTL 1 day."""
UNCACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"


class Edge:
    """A bucket with a distribution. `files` maps keys of its objects to text or settings.

    The emulator answers for it at its endpoint too, if the Host is `host`.
    """

    def __init__(self, cloud, files=(), policy=CACHED, compress=False, function=None, **config):
        self.cloud, self._cf = cloud, cloud.client("cloudfront")
        self._s3 = cloud.client("s3")
        self._s3.create_bucket(Bucket="pages")
        for key, value in dict(files).items():
            self.put(key, value)
        behavior = {
            "TargetOriginId": "pages",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": policy,
            "Compress": compress,
        }
        if function:
            item = {"EventType": "viewer-request", "FunctionARN": function}
            behavior["FunctionAssociations"] = {"Quantity": 1, "Items": [item]}
        made = self._cf.create_distribution(
            DistributionConfig={
                "CallerReference": "1",
                "Comment": "",
                "Enabled": True,
                "Origins": {"Quantity": 1, "Items": [self._origin()]},
                "DefaultCacheBehavior": behavior,
                **config,
            }
        )
        self.id = made["Distribution"]["Id"]
        self.domain = made["Distribution"]["DomainName"]
        label = self.domain.partition(".")[0]
        self.host = f"{label}.cloudfront.localhost:{cloud.emulator.port}"
        self.url = made["ResponseMetadata"]["HTTPHeaders"].get("x-viewer-url")
        self._admit(made["Distribution"]["ARN"])

    def put(self, key, value):
        settings = value if isinstance(value, dict) else {"Body": value}
        self._s3.put_object(Bucket="pages", Key=key, **settings)

    def invalidate(self, *paths):
        self._cf.create_invalidation(
            DistributionId=self.id,
            InvalidationBatch={
                "CallerReference": repr(paths),
                "Paths": {"Quantity": len(paths), "Items": list(paths)},
            },
        )

    def _origin(self):
        control = self._cf.create_origin_access_control(
            OriginAccessControlConfig={
                "Name": "c",
                "SigningProtocol": "sigv4",
                "SigningBehavior": "always",
                "OriginAccessControlOriginType": "s3",
            }
        )["OriginAccessControl"]
        return {
            "Id": "pages",
            "DomainName": "pages.s3.us-east-1.amazonaws.com",
            "S3OriginConfig": {"OriginAccessIdentity": ""},
            "OriginAccessControlId": control["Id"],
        }

    def _admit(self, arn):
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudfront.amazonaws.com"},
            "Action": "s3:GetObject",
            "Resource": "arn:aws:s3:::pages/*",
            "Condition": {"StringEquals": {"AWS:SourceArn": arn}},
        }
        policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        self._s3.put_bucket_policy(Bucket="pages", Policy=policy)


class PrivateEdge:
    """A distribution in front of a load balancer."""

    def __init__(self, cloud, balancer, policy=UNCACHED, name=None, port=80):
        client = cloud.client("cloudfront")
        config = {
            "Name": "web",
            "Arn": balancer.arn,
            "HTTPPort": port,
            "HTTPSPort": 443,
            "OriginProtocolPolicy": "http-only",
        }
        made = client.create_vpc_origin(VpcOriginEndpointConfig=config)
        origin = {
            "Id": "web",
            "DomainName": name or balancer.name,
            "VpcOriginConfig": {"VpcOriginId": made["VpcOrigin"]["Id"]},
        }
        behavior = {
            "TargetOriginId": "web",
            "ViewerProtocolPolicy": "redirect-to-https",
            "CachePolicyId": policy,
        }
        made = client.create_distribution(
            DistributionConfig={
                "CallerReference": "1",
                "Comment": "",
                "Enabled": True,
                "Origins": {"Quantity": 1, "Items": [origin]},
                "DefaultCacheBehavior": behavior,
            }
        )
        self.url = made["ResponseMetadata"]["HTTPHeaders"]["x-viewer-url"]


def port_of(url):
    return urlsplit(url).port
