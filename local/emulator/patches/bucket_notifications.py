"""S3 needs a Lambda permission to invoke a function for a bucket.

Stock 1.5.33 invokes the function without one.

AWS: "Granting permissions to publish event notification messages to a destination", with the bucket
as source ARN. (AWS also rejects such a notification configuration.)

ministack has fixed this when tests/emulator/test_bucket_notifications.py passes with
`unpatched=("bucket_notifications",)`.
"""

import logging
from typing import Any

from ministack.services import lambda_svc, s3

from ..policies import function_allows
from . import Server

log = logging.getLogger(__name__)


def apply(server: Server) -> None:
    deliver = s3._deliver_event_to_lambda

    def deliver_if_allowed(arn: str, event: dict[str, Any], region: str) -> None:
        function, _config, _name = lambda_svc._get_func_record_for_ref(arn)
        bucket = event["Records"][0]["s3"]["bucket"]["arn"]
        if function and not function_allows(arn, "s3.amazonaws.com", bucket):
            log.warning("notification not delivered: %s has no permission for %s", arn, bucket)
            return
        deliver(arn, event, region)

    s3._deliver_event_to_lambda = deliver_if_allowed
