"""An event source mapping needs a role that can read its source.

Stock 1.5.33 creates a mapping, and reads its stream or queue, regardless of the function's role.

AWS: "CreateEventSourceMapping" rejects a role that cannot read the source; "Using AWS Lambda with
Amazon DynamoDB" and "Using Lambda with Amazon SQS" list the actions. (AWS also stops reading when
the permission is removed later.)

ministack has fixed this when tests/emulator/test_mapping_rights.py passes with
`unpatched=("mapping_rights",)`.
"""

from typing import Any

from ministack.core.responses import error_response_json
from ministack.services import lambda_svc

from ..policies import role_allows
from . import Server

ACTIONS = {
    "dynamodb": [
        "dynamodb:GetRecords",
        "dynamodb:GetShardIterator",
        "dynamodb:DescribeStream",
        "dynamodb:ListStreams",
    ],
    "kinesis": [
        "kinesis:GetRecords",
        "kinesis:GetShardIterator",
        "kinesis:DescribeStream",
        "kinesis:DescribeStreamSummary",
        "kinesis:ListShards",
    ],
    "sqs": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"],
}
"""The actions that the execution role needs, by service of the source."""

EVERYWHERE = {"dynamodb:ListStreams"}
"""Actions without resource-level permissions."""


def apply(server: Server) -> None:
    create = lambda_svc._create_esm

    def create_if_readable(data: dict[str, Any]) -> Any:
        source = data.get("EventSourceArn", "")
        function, config, _name = lambda_svc._get_func_record_for_ref(data.get("FunctionName", ""))
        for action in _missing(config["Role"], source) if function else []:
            message = f"The function's execution role does not allow {action} on {source}."
            return error_response_json("InvalidParameterValueException", message, 400)
        return create(data)

    lambda_svc._create_esm = create_if_readable


def _missing(role: str, source: str) -> list[str]:
    service = source.split(":")[2] if source.count(":") > 4 else ""
    return [
        action
        for action in ACTIONS.get(service, [])
        if not role_allows(role, action, "*" if action in EVERYWHERE else source)
    ]
