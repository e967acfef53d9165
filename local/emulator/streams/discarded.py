"""The on-failure destination of a mapping, for discarded records."""

import json
import logging
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from ministack.core.lambda_runtime import execution_credentials

from .batch import Discard
from .record import Record, arrived, sequence_number

log = logging.getLogger(__name__)


def send(
    discarded: Discard,
    shard: str,
    mapping: Mapping[str, Any],
    function: Mapping[str, Any],
    endpoint: str,
) -> None:
    """Write to the destination with the permissions of the function's role, as Lambda does."""
    destination = (mapping.get("DestinationConfig") or {}).get("OnFailure", {}).get("Destination")
    if not destination:
        return
    account = _Account(function["config"], endpoint)
    about = _describe(discarded, shard, mapping, function["config"])
    try:
        account.deliver(destination, _key(mapping["UUID"], shard), about, discarded.records)
    except (BotoCoreError, ClientError) as error:
        log.warning("records of mapping %s are lost: %s", mapping["UUID"], error)


class _Account:
    """Clients with the credentials of a function's role."""

    def __init__(self, config: Mapping[str, Any], endpoint: str) -> None:
        credentials = execution_credentials(config)
        self._session = boto3.session.Session(
            credentials["AWS_ACCESS_KEY_ID"],
            credentials["AWS_SECRET_ACCESS_KEY"],
            credentials["AWS_SESSION_TOKEN"],
            region_name=config["FunctionArn"].split(":")[3],
        )
        self._settings = {"endpoint_url": endpoint, "config": Config(retries={"mode": "standard"})}

    def deliver(
        self, destination: str, key: str, about: dict[str, Any], records: list[Record]
    ) -> None:
        """Send the metadata; S3 also receives the whole event."""
        service = destination.split(":")[2]
        client: Any = self._session.client(service, **self._settings)  # type: ignore[call-overload]
        if service == "s3":
            whole = {**about, "payload": json.dumps({"Records": records})}
            bucket = destination.rpartition(":")[2]
            client.put_object(Bucket=bucket, Key=key, Body=json.dumps(whole))
        elif service == "sqs":
            url = client.get_queue_url(QueueName=destination.rpartition(":")[2])["QueueUrl"]
            client.send_message(QueueUrl=url, MessageBody=json.dumps(about))
        elif service == "sns":
            client.publish(TopicArn=destination, Message=json.dumps(about))


def _key(mapping: str, shard: str) -> str:
    now = datetime.now(UTC)
    return f"aws/lambda/{mapping}/{shard}/{now:%Y/%m/%d}/{now:%Y-%m-%dT%H.%M.%S}-{uuid.uuid4()}"


def _describe(
    discarded: Discard, shard: str, mapping: Mapping[str, Any], config: Mapping[str, Any]
) -> dict[str, Any]:
    first, last = discarded.records[0], discarded.records[-1]
    stream = mapping["EventSourceArn"]
    info = "KinesisBatchInfo" if ":kinesis:" in stream else "DDBStreamBatchInfo"
    return {
        "requestContext": {
            "requestId": str(uuid.uuid4()),
            "functionArn": config["FunctionArn"],
            "condition": discarded.condition,
            "approximateInvokeCount": discarded.invocations,
        },
        "responseContext": {
            "statusCode": 200,
            "executedVersion": config.get("Version", "$LATEST"),
            "functionError": "Unhandled" if discarded.result.get("error") else None,
        },
        "version": "1.0",
        "timestamp": _iso(datetime.now(UTC).timestamp()),
        info: {
            "shardId": shard,
            "startSequenceNumber": sequence_number(first),
            "endSequenceNumber": sequence_number(last),
            "approximateArrivalOfFirstRecord": _iso(arrived(first)),
            "approximateArrivalOfLastRecord": _iso(arrived(last)),
            "batchSize": len(discarded.records),
            "streamArn": stream,
        },
    }


def _iso(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")[:-6] + "Z"
