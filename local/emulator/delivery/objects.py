"""The S3 objects of a delivery stream: one per prefix, and error objects."""

import base64
import gzip
import json
import time
import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from ministack.services import firehose

from ..policies import role_allows
from .record import Failure, Record


class Objects:
    """Writes the objects of one flush."""

    def __init__(self, stream: Mapping[str, Any], config: Mapping[str, Any], s3: Any) -> None:
        self._config = config
        self._s3 = s3
        self._bucket = firehose._s3_bucket_from_arn(config["BucketARN"])
        self._now = time.gmtime()
        moment = time.strftime("%Y-%m-%d-%H-%M-%S", self._now)
        self._name = f"{stream['name']}-{stream['version']}-{moment}"

    def write(self, records: Sequence[Record]) -> list[Failure]:
        """Write records. Return those without a prefix and those that cannot be converted."""
        groups: dict[str, list[Record]] = defaultdict(list)
        failed: list[Failure] = []
        for record in records:
            try:
                groups[self._prefix(record)].append(record)
            except firehose._DeliveryError as error:
                failed.append(_failure(record, error))
        for prefix, group in groups.items():
            failed += self._write_group(prefix, group)
        return failed

    def write_errors(self, failures: Sequence[Failure], function: str) -> None:
        """Write failed records as JSON lines, by kind."""
        kinds: dict[str, list[Failure]] = defaultdict(list)
        for failure in failures:
            kinds[failure.kind].append(failure)
        template = self._config.get("ErrorOutputPrefix") or "!{firehose:error-output-type}/"
        for kind, group in kinds.items():
            prefix = firehose._evaluate_prefix(template, self._now, error_type=kind)
            lines = [json.dumps(_error(each, function)) + "\n" for each in group]
            self._put(prefix, "".join(lines).encode(), "")

    def _prefix(self, record: Record) -> str:
        template = self._config.get("Prefix", "")
        prefix: str = firehose._evaluate_prefix(
            template, self._now, lambda_keys=record.partition_keys
        )
        return prefix

    def _write_group(self, prefix: str, group: list[Record]) -> list[Failure]:
        conversion = self._config.get("DataFormatConversionConfiguration") or {}
        if not conversion.get("Enabled", bool(conversion)):
            body = b"".join(each.data for each in group)
            if self._config.get("CompressionFormat") == "GZIP":
                self._put(prefix, gzip.compress(body, 6, mtime=0), ".gz")
            else:
                self._put(prefix, body, "")
            return []
        failed, fine = [], []
        for record in group:
            try:
                firehose._convert_to_parquet(conversion, record.data)
                fine.append(record)
            except firehose._DeliveryError as error:
                failed.append(_failure(record, error))
        if fine:
            body = b"".join(each.data for each in fine)
            self._put(prefix, firehose._convert_to_parquet(conversion, body), ".parquet")
        return failed

    def _put(self, prefix: str, body: bytes, ending: str) -> None:
        key = f"{prefix}{self._name}-{uuid.uuid4()}{ending}"
        resource = f"arn:aws:s3:::{self._bucket}/{key}"
        if not role_allows(self._config["RoleARN"], "s3:PutObject", resource):
            raise PermissionError(f"{self._config['RoleARN']} may not write {resource}")
        self._s3.put_object(Bucket=self._bucket, Key=key, Body=body)


def _failure(record: Record, error: Any) -> Failure:
    return Failure(record, error.output_type, error.code or "", error.message)


def _error(failure: Failure, function: str) -> dict[str, Any]:
    """The form is that of "Handle failure in data transformation"."""
    return {
        "attemptsMade": failure.attempts,
        "arrivalTimestamp": failure.record.arrived_at,
        "errorCode": failure.code,
        "errorMessage": failure.message,
        "attemptEndingTimestamp": int(time.time() * 1000),
        "rawData": base64.b64encode(failure.record.raw).decode(),
        "lambdaArn": function,
    }
