"""The transformation of records by a Lambda function.

"Transform source data in Amazon Data Firehose", "Required parameters for data transformation",
"Handle failure in data transformation".
"""

import base64
import binascii
import json
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from ministack.services import lambda_svc

from ..policies import role_allows
from .record import Failure, Record

_LARGEST_REPLY = 6 * 1024**2


class Transform:
    """One Lambda processor of a destination."""

    def __init__(self, parameters: Mapping[str, str], role: str) -> None:
        self.arn = parameters["LambdaArn"]
        self._role = role
        self._bytes = float(parameters.get("BufferSizeInMBs", 1)) * 1024**2
        self._attempts = int(parameters.get("NumberOfRetries", 3)) + 1

    def __call__(
        self, records: Sequence[Record], about: Mapping[str, Any]
    ) -> tuple[list[Record], list[Failure]]:
        """Return the records to deliver and the failed ones. Others were dropped."""
        good: list[Record] = []
        failed: list[Failure] = []
        for batch in self._batches(records):
            delivered, refused = self._transform(batch, about)
            good += delivered
            failed += refused
        return good, failed

    def _batches(self, records: Sequence[Record]) -> Iterator[list[Record]]:
        batch: list[Record] = []
        size = 0
        for record in records:
            if batch and size + len(record.raw) > self._bytes:
                yield batch
                batch, size = [], 0
            batch.append(record)
            size += len(record.raw)
        if batch:
            yield batch

    def _transform(
        self, batch: list[Record], about: Mapping[str, Any]
    ) -> tuple[list[Record], list[Failure]]:
        if not role_allows(self._role, "lambda:InvokeFunction", self.arn):
            return [], _all(
                batch, "Lambda.InvokeAccessDenied", "Access was denied to the function.", 1
            )
        event = {**about, "records": [_for_event(each) for each in batch]}
        for _ in range(self._attempts):
            reply = self._invoke({**event, "invocationId": str(uuid.uuid4())})
            if reply is not None:
                return _sorted(batch, reply)
        message = "The Lambda function was invoked but returned an error."
        return [], _all(batch, "Lambda.FunctionError", message, self._attempts)

    def _invoke(self, event: dict[str, Any]) -> list[Any] | None:
        """Return the records of the response, or None to retry."""
        name, qualifier = lambda_svc._resolve_name_and_qualifier(self.arn)
        function, _config = lambda_svc._get_func_record_for_qualifier(name, qualifier)
        if function is None:
            return None
        execute: Callable[..., dict[str, Any]] = lambda_svc._execute_function
        result = execute(function, event)
        body = result.get("body")
        if result.get("error") or body is None:
            return None
        text = body if isinstance(body, str | bytes) else json.dumps(body)
        if len(text) > _LARGEST_REPLY:
            return None
        try:
            return list(json.loads(text)["records"])
        except (ValueError, KeyError, TypeError):
            return None


def _for_event(record: Record) -> dict[str, Any]:
    known = {
        "recordId": record.id,
        "approximateArrivalTimestamp": record.arrived_at,
        "data": base64.b64encode(record.raw).decode(),
    }
    return {**known, "kinesisRecordMetadata": record.kinesis} if record.kinesis else known


def _sorted(batch: list[Record], reply: list[Any]) -> tuple[list[Record], list[Failure]]:
    answers = {each.get("recordId"): each for each in reply if isinstance(each, dict)}
    counts = Counter(each.get("recordId") for each in reply if isinstance(each, dict))
    if any(count > 1 for count in counts.values()):
        message = "Multiple records were returned with the same record ID."
        return [], _all(batch, "Lambda.DuplicatedRecordId", message, 1)
    good, failed = [], []
    for record in batch:
        answer = answers.get(record.id)
        if answer is None:
            message = "One or more record Ids were not returned."
            failed += _all([record], "Lambda.MissingRecordId", message, 1)
        elif answer.get("result") == "Dropped":
            continue
        elif answer.get("result") == "Ok" and _take(record, answer):
            good.append(record)
        else:
            message = "ProcessingFailed status set for record"
            failed += _all([record], "Lambda.ProcessingFailedStatus", message, 1)
    return good, failed


def _take(record: Record, answer: Mapping[str, Any]) -> bool:
    try:
        record.data = base64.b64decode(answer["data"], validate=True)
    except (KeyError, TypeError, binascii.Error):
        return False
    keys = (answer.get("metadata") or {}).get("partitionKeys") or {}
    record.partition_keys = {str(key): str(value) for key, value in keys.items()}
    return True


def _all(records: Sequence[Record], code: str, message: str, attempts: int) -> list[Failure]:
    return [Failure(each, "processing-failed", code, message, attempts) for each in records]
