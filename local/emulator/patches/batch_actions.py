"""The batch operations of SNS and SQS need the permission of the single operation.

Stock 1.5.33 asks for `sns:PublishBatch` and `sqs:SendMessageBatch`, which are no IAM actions: a
role that may publish is denied here and allowed on AWS, and the other way round.

AWS: "Actions, resources, and condition keys for Amazon SNS" and "Amazon SQS" in the Service
Authorization Reference have no action for a batch.

ministack has fixed this when tests/emulator/test_batch_actions.py passes with
`unpatched=("batch_actions",)`.
"""

from typing import Any

from ministack.core import iam_actions

from . import Server

SINGLE = {
    "sns:PublishBatch": "sns:Publish",
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}


def apply(server: Server) -> None:
    stock = iam_actions.extract_iam_action

    def action(*request: Any, **more: Any) -> str | None:
        found: str | None = stock(*request, **more)
        return SINGLE.get(found, found) if found else found

    iam_actions.extract_iam_action = action
