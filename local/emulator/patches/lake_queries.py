"""Athena reads JSON by the table's columns, only the partitions it needs, and counts the bytes.

Stock 1.5.33 infers columns and types from the files, so that a query fails on a column that no file
has yet. It reads every file of a table, reports false byte counts, takes no parameters and applies
neither the workgroup's scan limit nor its output location.

AWS: "Create tables in Athena from nested JSON", "Use partition projection", "Use parameterized
queries", "Configure per-query data usage controls", "Override client-side settings".

ministack has fixed this when tests/emulator/test_lake_queries.py passes with
`unpatched=("lake_queries",)`.
"""

import os
import re
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from ministack.services import athena

from . import Server

_current: ContextVar["_Query"] = ContextVar("query")
_OVER = "Bytes scanned limit was exceeded"


class _Query:
    """The partitioned tables of a query, and the bytes that it has read."""

    def __init__(self, execution: dict[str, Any]) -> None:
        self.text = ""
        self._execution = execution
        workgroup = athena._workgroups.get(execution["WorkGroup"], {})
        self._limit = workgroup.get("Configuration", {}).get("BytesScannedCutoffPerQuery")

    def take(self, files: list[str], root: str) -> list[str]:
        """Return the files of the partitions that the query selects, and count them as read."""
        wanted = [each for each in files if self._wants(each.removeprefix(root))]
        scanned = self._execution.get("_scanned", 0) + sum(map(os.path.getsize, wanted))
        self._execution["_scanned"] = scanned
        if self._limit and scanned > self._limit:
            raise RuntimeError(f"{_OVER}: {scanned} of {self._limit}")
        return wanted

    def _wants(self, path: str) -> bool:
        folders = (each.partition("=") for each in path.split("/")[:-1])
        return all(self._selects(key, value) for key, _, value in folders if value)

    def _selects(self, key: str, value: str) -> bool:
        """Parse conditions of the forms `day = '...'` and `day BETWEEN '...' AND '...'`."""
        equal = re.findall(rf"\b{key}\s*=\s*'([^']*)'", self.text, re.IGNORECASE)
        if equal:
            return value in equal
        between = re.search(
            rf"\b{key}\s+BETWEEN\s+'([^']*)'\s+AND\s+'([^']*)'", self.text, re.IGNORECASE
        )
        return not between or between[1] <= value <= between[2]


def apply(server: Server) -> None:
    _take_parameters()
    _read_by_columns()
    _prune_and_count()


def _take_parameters() -> None:
    start = athena._start_query_execution

    def start_with_parameters(data: dict[str, Any]) -> Any:
        text = _with_parameters(data.get("QueryString", ""), data.get("ExecutionParameters") or [])
        settings = athena._workgroups.get(data.get("WorkGroup", "primary"), {})
        settings = settings.get("Configuration", {})
        if settings.get("EnforceWorkGroupConfiguration"):
            data = {key: value for key, value in data.items() if key != "ResultConfiguration"}
        return start({**data, "QueryString": text})

    athena._start_query_execution = start_with_parameters


def _with_parameters(text: str, parameters: list[str]) -> str:
    """Replace each `?` outside of quotes by a parameter, which is an SQL literal."""
    left = iter(parameters)
    parts = re.split(r"('(?:[^']|'')*')", text)
    return "".join(
        part if part.startswith("'") else re.sub(r"\?", lambda mark: next(left, mark[0]), part)
        for part in parts
    )


def _read_by_columns() -> None:
    relation = athena._table_relation

    def by_columns(table: dict[str, Any], files: list[str]) -> str:
        if athena._data_format(table) != "json":
            found: str = relation(table, files)
            return found
        columns = ", ".join(_columns(table))
        hive = athena._hive_options(athena._path_partition_keys(table, files))
        return (
            f"read_json({athena._sql_list(files)}, format = 'newline_delimited', "
            f"columns = {{{columns}}}, {hive})"
        )

    athena._table_relation = by_columns


def _columns(table: dict[str, Any]) -> Iterator[str]:
    from ministack.services import firehose

    for column in table["StorageDescriptor"]["Columns"]:
        name = column["Name"].replace("'", "''")
        yield f"'{name}': '{firehose._hive_to_duckdb_type(column['Type'])}'"


def _prune_and_count() -> None:
    materialize, run = athena._materialize_table_files, athena._run_duckdb
    execute, show = athena._execute_query, athena._execution_out

    def materialize_wanted(location: str, workdirs: list[str]) -> list[str]:
        before = len(workdirs)
        files = materialize(location, workdirs)
        root = workdirs[before] if len(workdirs) > before else ""
        return _current.get().take(files, root)

    async def run_on_partitions(text: str, *rest: Any) -> Any:
        _current.get().text = text
        return await run(text, *rest)

    async def execute_counted(query_id: str, *rest: Any) -> None:
        token = _current.set(_Query(athena._executions[query_id]))
        try:
            await execute(query_id, *rest)
        finally:
            _current.reset(token)

    def show_counted(execution: dict[str, Any]) -> dict[str, Any]:
        shown: dict[str, Any] = show(execution)
        statistics = {**shown["Statistics"], "DataScannedInBytes": execution.get("_scanned", 0)}
        status = shown["Status"]
        if status["StateChangeReason"].startswith(_OVER):
            status = {**status, "State": "CANCELLED"}
        return {**shown, "Statistics": statistics, "Status": status}

    athena._materialize_table_files = materialize_wanted
    athena._run_duckdb = run_on_partitions
    athena._execute_query = execute_counted
    athena._execution_out = show_counted
