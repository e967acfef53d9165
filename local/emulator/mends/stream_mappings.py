"""DynamoDB stream mappings handle errors as Lambda does.

Stock 1.5.33 retries a failing batch for ever, once a second. It ignores MaximumRetryAttempts,
BisectBatchOnFunctionError, MaximumBatchingWindowInSeconds and, so that records are lost,
ReportBatchItemFailures; its on-failure record goes to SQS and SNS only. One thread reads all
mappings in turn, so one slow function delays every stream; and a batch has 10 records, not 100,
unless the mapping says so.

AWS: "Lambda parameters for Amazon DynamoDB event source mappings", "Configuring partial batch
response with DynamoDB and Lambda", "Retain discarded records for a DynamoDB event source in
Lambda".

Upstream no longer needs this when tests/local/emulator/test_stream_mappings.py passes with
`unmended=("stream_mappings",)`.
"""

import os
from typing import Any

from ministack.services import dynamodb, lambda_svc

from ..streams.arrivals import Arrivals
from ..streams.reader import Reader
from . import Server


def apply(server: Server) -> None:
    arrivals = Arrivals()
    _announce_records(arrivals)
    _start_readers(arrivals, f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}")
    lambda_svc._poll_dynamodb_streams = lambda: False


def _announce_records(arrivals: Arrivals) -> None:
    emit = dynamodb._emit_stream_event

    def emit_and_announce(*args: Any, **kwargs: Any) -> None:
        emit(*args, **kwargs)
        arrivals.add()

    dynamodb._emit_stream_event = emit_and_announce


def _start_readers(arrivals: Arrivals, endpoint: str) -> None:
    stock = lambda_svc._create_esm

    def create(data: dict[str, Any]) -> tuple[Any, ...]:
        if ":dynamodb:" not in data.get("EventSourceArn", ""):
            answer: tuple[Any, ...] = stock(data)
            return answer
        known = set(lambda_svc._esms)
        answer = stock({"BatchSize": 100, **data})
        account, region = lambda_svc.get_account_id(), lambda_svc.get_region()
        for uuid in set(lambda_svc._esms) - known:
            Reader(lambda_svc._esms[uuid], account, region, arrivals, endpoint).start()
        return answer

    lambda_svc._create_esm = create
