"""Photos from the upload form to the distribution, and an additional notification."""

from pathlib import Path

import pulumi
import pulumi_aws as aws
import yaml

from components import PhotoThumbnails, ServerlessApi, StaticSite

config = pulumi.Config()
functions = {
    "architecture": config.require("lambdaArchitecture"),
    "python": config.require("lambdaPython"),
}

# The photo operations of the blog's API.
document = yaml.safe_load(Path("apis/blog.yaml").read_text())
paths = {path: item for path, item in document["paths"].items() if path.startswith("/photos")}

notifications = aws.sqs.Queue("notifications")
rule = aws.cloudwatch.EventRule("uploads", event_pattern='{"source": ["aws.s3"]}')
statement = {
    "Effect": "Allow",
    "Principal": {"Service": "events.amazonaws.com"},
    "Action": "sqs:SendMessage",
    "Resource": notifications.arn,
    "Condition": {"ArnEquals": {"aws:SourceArn": rule.arn}},
}
policy = {"Version": "2012-10-17", "Statement": [statement]}
aws.sqs.QueuePolicy(
    "notifications", queue_url=notifications.url, policy=pulumi.Output.json_dumps(policy)
)
aws.cloudwatch.EventTarget("notifications", rule=rule.name, arn=notifications.arn)

photos = PhotoThumbnails(
    "photos",
    {
        "sizes": [64, 128],
        "formats": ["webp", "original", "avif"],
        "memory": 512,
        "eventbridge": True,
        "distribution": {"allow_uploads": True},
        "retain_data": False,
        "functions": functions,
    },
)
reviewed = PhotoThumbnails(
    "reviewed",
    {
        "sizes": [64],
        "formats": ["webp"],
        "memory": 512,
        "manual_approval": True,
        "retain_data": False,
        "functions": functions,
    },
)
api = ServerlessApi(
    "api",
    {
        "openapi": yaml.safe_dump({**document, "paths": paths}, sort_keys=False),
        "operations": dict.fromkeys(("listPhotos", "uploadPhoto", "getPhoto"), "photos"),
        "api_functions": {
            "photos": {
                "code": "public_blog/photos",
                "access": [photos.grant_photo_api()],
            }
        },
        "stage_name": "api",
        "functions": functions,
    },
)
key = aws.cloudfront.PublicKey("senders", encoded_key=Path("key.pem").read_text())
group = aws.cloudfront.KeyGroup("senders", items=[key.id])
site = StaticSite(
    "site",
    {
        "content": "pages",
        "apis": {"api": api.url},
        "buckets": {"img": photos.images_bucket_domain_name},
        "uploads": {
            "uploads": {
                "bucket_domain_name": photos.uploads_bucket_domain_name,
                "key_group_id": group.id,
            }
        },
        "functions": functions,
    },
)
photos.grant_distribution_access(site.distribution_arn)

pulumi.export("url", site.url)
pulumi.export("uploads", photos.uploads_bucket_name)
pulumi.export("images", photos.images_bucket_name)
pulumi.export("reviewed", [reviewed.uploads_bucket_name, reviewed.images_bucket_name])
pulumi.export("queues", [photos.queue_url, photos.dead_letter_queue_url])
pulumi.export("notifications", notifications.url)
pulumi.export("key", key.id)
