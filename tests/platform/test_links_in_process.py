"""Links that are signed in process: key in a secret, package in the bundle, CloudFront's check."""

import json
from datetime import UTC, datetime, timedelta

from botocore.signers import CloudFrontSigner

from local.people import Place
from tests.conftest import Deploy
from tests.emulator.gateway import call
from tests.handlers.signed_content_distribution.keys import pair
from tests.platform.people import Person
from tests.platform.test_videos import Shop, link
from tests.projects import ROOT

PROGRAM = """
import sys
sys.path.insert(0, {root!r})
import pulumi_aws as aws
from components import SignedContentDistribution
config = pulumi.Config()
key = aws.secretsmanager.Secret("key")
videos = SignedContentDistribution("videos", {{
    "openapi": open({openapi!r}).read(),
    "app_url": "http://localhost:8081",
    "signing": {{"key_a": {{"secret_arn": key.arn, "public_key_pem": {pem!r}}}}},
    "functions": {{
        "architecture": config.require("lambdaArchitecture"),
        "python": config.require("lambdaPython"),
    }},
    "retain_data": False,
}})
pulumi.export("key", key.arn)
pulumi.export("videos", {{
    "apiUrl": videos.url,
    "siteUrl": videos.content_url,
    "userPoolId": videos.user_pool_id,
    "userPoolClientId": videos.user_pool_client_id,
    "contentBucket": videos.content_bucket_name,
    "webhookSecret": videos.webhook_secret_arn,
    "signingKeyId": videos.signing_key_id,
}})
"""


def test_rsa_in_process_and_the_signer_of_botocore(deploy: Deploy):
    key = pair("RSA")
    openapi = str(ROOT / "apis" / "videos.yaml")
    cloud = deploy(PROGRAM.format(root=str(ROOT), openapi=openapi, pem=key.public_pem))
    secrets = cloud.client("secretsmanager")
    secrets.put_secret_value(SecretId=cloud.outputs["key"], SecretString=key.private_pem)
    videos = cloud.outputs["videos"]
    bucket = videos["contentBucket"]
    cloud.client("s3").put_object(Bucket=bucket, Key="film/1.mp4", Body=b"a film")
    place = Place.of(cloud.endpoint, videos, cloud.mails)
    ann = Person(cloud, place, "ann@example.com")
    Shop(cloud, place.url).sells(ann)
    assert call(link(ann)).text == "a film"

    theirs = CloudFrontSigner(videos["signingKeyId"], key.signer("SHA1").sign)
    expires = datetime.now(UTC) + timedelta(minutes=1)
    url = f"{videos['siteUrl']}/film/1.mp4"
    assert call(theirs.generate_presigned_url(url, expires)).text == "a film"
    policy = theirs.build_policy(f"{videos['siteUrl']}/film/*", expires, ip_address="127.0.0.0/8")
    assert call(theirs.generate_presigned_url(url, policy=policy)).text == "a film"
    wrong = CloudFrontSigner(videos["signingKeyId"], pair("RSA", 2).signer("SHA1").sign)
    assert call(wrong.generate_presigned_url(url, expires)).status == 403
    assert "PRIVATE KEY" not in json.dumps([each.outputs for each in cloud.resources], default=str)
