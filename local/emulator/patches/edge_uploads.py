"""A PUT request to the edge writes an object to a bucket whose policy allows the distribution.

Stock 1.5.33 treats every method as a GET of S3, so that a PUT is rejected, or answered with the
existing object.

AWS: "Restrict access to an Amazon S3 origin" (an origin access control whose bucket policy has
`s3:PutObject`). Other methods of a behavior (POST, PATCH, DELETE) are refused here, as S3 does if
the policy does not allow them.

ministack has fixed this when tests/emulator/test_edge_uploads.py passes with
`unpatched=("edge_uploads",)`.
"""

from typing import Any

from ministack.core.iam_evaluator import EvalContext, evaluate_resource_policy
from ministack.core.responses import get_account_id, get_region
from ministack.services import cloudfront, s3

from ..edge.store import Fetched
from . import Server

READS = ("GET", "HEAD", "OPTIONS")


def apply(server: Server) -> None:
    fetch = cloudfront._fetch_from_origin

    async def fetch_or_put(origin: Any, method: str, uri: str, *request: Any) -> Fetched:
        if method in READS or not origin.get("s3_bucket"):
            answer: Fetched = await fetch(origin, method, uri, *request)
            return answer
        _query, headers, body, *_, distribution = request
        bucket, key = origin["s3_bucket"], cloudfront._s3_object_key(origin, uri)
        if method != "PUT" or not origin.get("oac_id") or not _allowed(bucket, key, distribution):
            made = s3._error("AccessDenied", "Access Denied", 403, f"/{bucket}/{key}")
        else:
            made = await cloudfront.run_offloop(s3._put_object, bucket, key, body, headers)
        status, sent, text = made
        return status, "", {name.lower(): value for name, value in sent.items()}, text

    cloudfront._fetch_from_origin = fetch_or_put


def _allowed(bucket: str, key: str, distribution: str) -> bool:
    owner = s3._bucket_owner_account(bucket) or get_account_id()
    policy = s3._bucket_policies.get_scoped(owner, None, bucket)
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="s3:PutObject",
        resource_arn=f"arn:aws:s3:::{bucket}/{key}",
        region=get_region(),
        service_context={"aws:sourcearn": distribution},
    )
    if not policy:
        return False
    result = evaluate_resource_policy(policy, context, service="cloudfront.amazonaws.com")
    return bool(result.decision == "Allow")
