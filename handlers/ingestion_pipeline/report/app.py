"""Writes the reports of days that have new records in the data lake."""

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Protocol

import environment
from aws_clients import Clients
from partial_batch import describe, process

from .marks import Marks
from .messages import Request, read
from .queries import Queries, QueryFailed
from .reports import Reports

if TYPE_CHECKING:
    from types_boto3_athena import AthenaClient
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

_RESERVE_MS = 10_000
"""Time reserved for writing the reports and returning the result."""


@dataclass(frozen=True)
class Settings:
    """Read from the environment variables of the same names in uppercase."""

    workgroup: str
    reports_bucket: str
    marks_table: str
    queries: str
    """JSON: the ID of the Athena named query of each report, such as `{"devices": <ID>}`."""


class ReportClients(Protocol):
    """The AWS clients that the function uses."""

    @property
    def athena(self) -> "AthenaClient": ...
    @property
    def dynamodb(self) -> "DynamoDBClient": ...
    @property
    def s3(self) -> "S3Client": ...


def handler(event: dict[str, Any], context: Any) -> dict[str, list[dict[str, str]]]:
    """Write the reports of all days in a batch of messages, once for each day.

    Args:
        event: `{"Records": [...]}` of SQS; each `body` is an S3 notification or a scheduled event
            of EventBridge.
            https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
        context: the Lambda context object; queries are stopped shortly before the timeout.

    Returns:
        `{"batchItemFailures": [{"itemIdentifier": <message ID>}, ...]}`: messages to retry, which
        move to the dead-letter queue after the last attempt.
    """
    return report()(event, lambda: context.get_remaining_time_in_millis() > _RESERVE_MS)


@cache
def report() -> "Report":
    """Return the function, created once for each execution environment."""
    return Report(environment.read(Settings), Clients())


class Report:
    """Callable that handles a batch."""

    def __init__(self, settings: Settings, clients: ReportClients) -> None:
        self._settings = settings
        self._clients = clients
        self._queries: dict[str, str] = json.loads(settings.queries)
        self._reports = Reports(clients.s3, settings.reports_bucket)
        self._marks = Marks(clients.dynamodb, settings.marks_table)

    def __call__(
        self, event: dict[str, Any], more_time: Callable[[], bool]
    ) -> dict[str, list[dict[str, str]]]:
        """Handle the messages together, so that a hundred new objects of a day need one report."""
        requests: list[Request] = []
        response = process(event["Records"], lambda record: requests.append(read(record)))
        known = self._marks.known(each for request in requests for each in request.objects)
        fresh = [each for each in requests if not each.objects or each.objects - known]
        days = {day for request in fresh for day in request.days}
        failed = {day for day in sorted(days) if not self._report(day, more_time)}
        done = [each for each in fresh if not each.days & failed]
        self._marks.put({each for request in done for each in request.objects})
        response["batchItemFailures"] += [
            {"itemIdentifier": each.message_id} for each in fresh if each.days & failed
        ]
        logger.info(
            "batch handled",
            extra={"days": sorted(days), "failed": sorted(failed), "known": len(known)},
        )
        return response

    def _report(self, day: str, more_time: Callable[[], bool]) -> bool:
        """Write all reports of a day. Return whether this succeeded."""
        queries = Queries(self._clients.athena, self._settings.workgroup, more_time)
        as_of = datetime.now(UTC)
        try:
            running = {name: queries.start(id_, day) for name, id_ in self._queries.items()}
            for name, execution in running.items():
                self._reports.put(name, day, as_of, queries.answer(execution))
            self._reports.put_index(next(iter(self._queries)))
        except QueryFailed as error:
            logger.error("query failed", extra={"day": day, "error": str(error)})
            return False
        except Exception as error:
            logger.error("report failed", extra={"day": day, "error": describe(error)})
            return False
        return True
