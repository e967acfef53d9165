"""Tells a topic which products have changed."""

import json
import logging
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

if TYPE_CHECKING:
    from types_boto3_sns import SNSClient

logger = logging.getLogger(__name__)


class Changes:
    """The topic of changed products."""

    def __init__(self, topic_arn: str, client: "SNSClient") -> None:
        self._topic_arn, self._client = topic_arn, client

    def tell(self, product_id: str, version: int) -> None:
        """Publish that a product has changed; version 0 for a deleted one.

        A failure is logged only: the change is stored, and readers keep a product for a minute at
        most, whatever they are told.
        """
        message = json.dumps({"productId": product_id, "version": version})
        try:
            self._client.publish(TopicArn=self._topic_arn, Message=message)
        except (ClientError, BotoCoreError) as error:
            logger.warning(
                "the change was not published",
                extra={"product": product_id, "error": type(error).__name__},
            )
