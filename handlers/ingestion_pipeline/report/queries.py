"""Runs named queries of Athena."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from types_boto3_athena import AthenaClient
    from types_boto3_athena.type_defs import RowTypeDef

_POLL_SECONDS = (0.1, 0.2, 0.4, 0.8, 1.5)
_NUMBERS: dict[str, Callable[[str], Any]] = {
    **dict.fromkeys(("tinyint", "smallint", "integer", "bigint"), int),
    **dict.fromkeys(("float", "real", "double", "decimal"), float),
    "boolean": lambda text: text == "true",
}


class QueryFailed(Exception):
    """A query failed. The message is the reason from Athena, which contains no data."""


@dataclass(frozen=True)
class Answer:
    """The result of a query."""

    columns: list[str]
    rows: list[list[Any]]
    scanned_bytes: int


class Queries:
    """The named queries of one workgroup."""

    def __init__(
        self, client: "AthenaClient", workgroup: str, more_time: Callable[[], bool]
    ) -> None:
        """Use a workgroup; waiting ends when `more_time` returns False."""
        self._client = client
        self._workgroup = workgroup
        self._more_time = more_time

    def start(self, query_id: str, day: str) -> str:
        """Start a named query for one day, and return its execution ID."""
        database, sql = _named(self._client, query_id)
        started = self._client.start_query_execution(
            QueryString=sql,
            QueryExecutionContext={"Database": database},
            WorkGroup=self._workgroup,
            ExecutionParameters=[f"'{day}'"],
        )
        return started["QueryExecutionId"]

    def answer(self, execution_id: str) -> Answer:
        """Wait for a query and return its result.

        Raises:
            QueryFailed: it failed, was stopped (scan limit of the workgroup) or takes too long.
        """
        scanned = self._wait(execution_id)
        pages = self._client.get_paginator("get_query_results").paginate(
            QueryExecutionId=execution_id
        )
        columns: list[tuple[str, str]] = []
        rows: list[list[Any]] = []
        for page in pages:
            result = page["ResultSet"]
            lines = result["Rows"]
            if not columns:
                info = result["ResultSetMetadata"]["ColumnInfo"]
                columns = [(each["Name"], each["Type"]) for each in info]
                lines = lines[1:]  # the first row of the first page has the column names
            rows += [_row(line, columns) for line in lines]
        return Answer([name for name, _ in columns], rows, scanned)

    def _wait(self, execution_id: str) -> int:
        polls = 0
        while True:
            execution = self._client.get_query_execution(QueryExecutionId=execution_id)
            status = execution["QueryExecution"]["Status"]
            if status["State"] == "SUCCEEDED":
                statistics = execution["QueryExecution"].get("Statistics", {})
                return int(statistics.get("DataScannedInBytes", 0))
            if status["State"] in ("FAILED", "CANCELLED"):
                raise QueryFailed(status.get("StateChangeReason", status["State"]))
            if not self._more_time():
                self._client.stop_query_execution(QueryExecutionId=execution_id)
                raise QueryFailed("still running at the end of the function's time")
            time.sleep(_POLL_SECONDS[min(polls, len(_POLL_SECONDS) - 1)])
            polls += 1


@cache
def _named(client: "AthenaClient", query_id: str) -> tuple[str, str]:
    """Return database and SQL of a named query. A new version of a query has a new ID."""
    query = client.get_named_query(NamedQueryId=query_id)["NamedQuery"]
    return query["Database"], query["QueryString"]


def _row(row: "RowTypeDef", columns: list[tuple[str, str]]) -> list[Any]:
    values = [cell.get("VarCharValue") for cell in row["Data"]]
    return [
        None if value is None else _NUMBERS.get(type_, str)(value)
        for value, (_, type_) in zip(values, columns, strict=True)
    ]
