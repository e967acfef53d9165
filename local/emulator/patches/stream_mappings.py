"""Event source mappings of DynamoDB and Kinesis streams handle errors as Lambda does.

Stock 1.5.33 retries a failing batch forever, once per second. It ignores MaximumRetryAttempts,
BisectBatchOnFunctionError, MaximumBatchingWindowInSeconds and, so that records are lost,
ReportBatchItemFailures. Discarded records of a table's stream go only to SQS and SNS, and records
of a Kinesis stream are never discarded. One thread reads all mappings in turn, so a slow function
delays every stream, and a failing shard delays its whole stream. The default batch size is 10 and
not 100.

AWS: "Lambda parameters for Amazon DynamoDB event source mappings", "Configuring partial batch
response with DynamoDB and Lambda", "Retain discarded records for a DynamoDB event source in
Lambda", and the pages of the same names for Kinesis Data Streams.

ministack has fixed this when tests/emulator/test_stream_mappings.py and test_kinesis_mappings.py
pass with `unpatched=("stream_mappings",)`.
"""

import os
from types import SimpleNamespace
from typing import Any

from ministack.services import dynamodb, kinesis, lambda_svc

from ..streams import reader
from ..streams.arrivals import Arrivals
from . import Server


def apply(server: Server) -> None:
    arrivals = Arrivals()
    _notify_readers(arrivals)
    _start_readers(arrivals, f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}")
    lambda_svc._poll_dynamodb_streams = lambda: False
    lambda_svc._poll_kinesis = lambda: False


def _notify_readers(arrivals: Arrivals) -> None:
    emit = dynamodb._emit_stream_event

    def emit_and_notify(*args: Any, **kwargs: Any) -> None:
        emit(*args, **kwargs)
        arrivals.add()

    dynamodb._emit_stream_event = emit_and_notify
    # Every put to a Kinesis stream sets this event of the poller.
    kinesis.esm_wake = SimpleNamespace(set=arrivals.add)


def _start_readers(arrivals: Arrivals, endpoint: str) -> None:
    stock = lambda_svc._create_esm

    def create(data: dict[str, Any]) -> tuple[Any, ...]:
        source = data.get("EventSourceArn", "")
        if ":dynamodb:" not in source and ":kinesis:" not in source:
            answer: tuple[Any, ...] = stock(data)
            return answer
        known = set(lambda_svc._esms)
        answer = stock({"BatchSize": 100, **data})
        for uuid in set(lambda_svc._esms) - known:
            reader.start(lambda_svc._esms[uuid], arrivals, endpoint)
        return answer

    lambda_svc._create_esm = create
