"""Writes reports to a bucket: one object for each report and day, and a list of the days."""

import json
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from .queries import Answer

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_FOLDER = "reports/"
_ATTEMPTS = 5


class Reports:
    """Writes the reports of one bucket."""

    def __init__(self, client: "S3Client", bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put(self, report: str, day: str, as_of: datetime, answer: Answer) -> bool:
        """Write the report of a day. Return False, without writing, if a newer one exists."""
        key = f"{_FOLDER}{report}/day={day}/report.json"
        stamp = as_of.isoformat()
        content = {
            "report": report,
            "day": day,
            "asOf": stamp,
            "scannedBytes": answer.scanned_bytes,
            "columns": answer.columns,
            "rows": answer.rows,
        }
        body = json.dumps(content, separators=(",", ":")).encode()
        for _ in range(_ATTEMPTS):
            tag, present = self._present(key)
            if present >= stamp:
                return False
            if self._put_unless_changed(key, body, stamp, tag):
                return True
        raise RuntimeError(f"report {report} of {day} changes all the time")

    def put_index(self, report: str) -> None:
        """Write the list of days that have a report, newest first."""
        prefix = f"{_FOLDER}{report}/day="
        pages = self._client.get_paginator("list_objects_v2").paginate(
            Bucket=self._bucket, Prefix=prefix, Delimiter="/"
        )
        days = [
            each["Prefix"].removeprefix(prefix).rstrip("/")
            for page in pages
            for each in page.get("CommonPrefixes", [])
        ]
        body = json.dumps({"days": sorted(days, reverse=True)}).encode()
        self._client.put_object(
            Bucket=self._bucket,
            Key=f"{_FOLDER}index.json",
            Body=body,
            ContentType="application/json",
            CacheControl="no-cache",  # a distribution asks for a newer version each time
        )

    def _present(self, key: str) -> tuple[str, str]:
        """Return ETag and time of the existing report; empty strings if there is none."""
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in ("404", "NoSuchKey"):
                return "", ""
            raise
        return found["ETag"], found["Metadata"].get("as-of", "")

    def _put_unless_changed(self, key: str, body: bytes, stamp: str, tag: str) -> bool:
        """Write conditionally: of two concurrent runs, older data must not overwrite newer."""
        condition = {"IfMatch": tag} if tag else {"IfNoneMatch": "*"}
        try:
            self._client.put_object(
                Bucket=self._bucket,
                Key=key,
                Body=body,
                ContentType="application/json",
                CacheControl="no-cache",  # a distribution asks for a newer version each time
                Metadata={"as-of": stamp},
                **condition,  # type: ignore[arg-type]
            )
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] in (409, 412):
                return False
            raise
        return True
