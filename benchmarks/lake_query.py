"""Lake query: bytes that Athena reads for one device and one day, with and without partitions."""

import gzip
import json
import time
from typing import Any

from benchmarks.report import Result, Target
from local.devices.plan import Plan, Shares
from local.emulator.process import Emulator

DAYS = [f"2026-11-{number:02d}" for number in range(1, 31)]
DEVICES = [f"device-{number:02d}" for number in range(20)]
READINGS = 2000
"""Readings of each day, in four objects."""
MAX_SHARE = 1.2 / len(DAYS)
COLUMNS = ("Table", "Bytes read", "Share", "Result")
PARTITIONED, WHOLE = "**by day**", "one folder"
_STORED = {
    "SerdeInfo": {"SerializationLibrary": "org.openx.data.jsonserde.JsonSerDe"},
    "Columns": [
        {"Name": "device_id", "Type": "string"},
        {"Name": "measured_at", "Type": "bigint"},
        {"Name": "temperature", "Type": "double"},
    ],
}


def measure(rounds: int) -> Result:
    """Query the same readings in a folder per day, and in one folder."""
    result = Result("Bytes of a query", COLUMNS)
    with Emulator() as emulator:
        _fill(emulator)
        whole = _ask(emulator, "whole", "measured_at BETWEEN 1794960000000 AND 1795046399999")
        by_day = _ask(emulator, "by_day", "day = '2026-11-18'")
    assert whole[1] == by_day[1], "the tables give different answers"
    for name, (scanned, answer) in ((WHOLE, whole), (PARTITIONED, by_day)):
        share = f"{scanned / whole[0]:.3f}"
        result.rows.append((name, f"{scanned:,}", share, f"{answer} readings"))
    share = by_day[0] / whole[0]
    result.targets.append(
        Target(
            f"a query for one day of {len(DAYS)} reads at most {MAX_SHARE:.2f} of the bytes",
            f"{share:.3f}",
            share <= MAX_SHARE,
        )
    )
    result.notes.append(
        f"{len(DAYS)} days of {READINGS} readings of {len(DEVICES)} devices, compressed. The query "
        "counts the readings of one device on one day. The emulator counts the bytes of the files "
        "that Athena would read. The measure runs once, because the bytes do not vary."
    )
    return result


def _fill(emulator: Emulator) -> None:
    s3, glue = emulator.client("s3"), emulator.client("glue")
    s3.create_bucket(Bucket="lake")
    for number, day in enumerate(DAYS):
        midnight = 1_793_491_200_000 + number * 86_400_000
        assert time.strftime("%Y-%m-%d", time.gmtime(midnight / 1000)) == day
        plan = Plan(DEVICES, Shares(0, 0, 0), seed=number, hours=23)
        texts = [each.payload for each in plan.messages(READINGS, midnight + 84_000_000)]
        for part in range(4):
            body = gzip.compress(b"\n".join(texts[part::4]) + b"\n", mtime=0)
            s3.put_object(Bucket="lake", Key=f"by_day/day={day}/{part}.gz", Body=body)
            s3.put_object(Bucket="lake", Key=f"whole/{day}-{part}.gz", Body=body)
    glue.create_database(DatabaseInput={"Name": "lake"})
    _create_table(glue, "by_day", [{"Name": "day", "Type": "string"}])
    _create_table(glue, "whole", [])
    place = {"ResultConfiguration": {"OutputLocation": "s3://lake/results/"}}
    emulator.client("athena").create_work_group(Name="w", Configuration=place)


def _create_table(glue: Any, name: str, partitions: list[dict[str, str]]) -> None:
    storage = {**_STORED, "Location": f"s3://lake/{name}/"}
    given = {"Name": name, "StorageDescriptor": storage, "PartitionKeys": partitions}
    glue.create_table(DatabaseName="lake", TableInput=given)


def _ask(emulator: Emulator, table: str, condition: str) -> tuple[int, str]:
    """Return the bytes read, and the number of readings found."""
    athena = emulator.client("athena")
    id_ = athena.start_query_execution(
        QueryString=f"SELECT count(*) AS n FROM {table} "
        f"WHERE device_id = 'device-07' AND {condition}",
        WorkGroup="w",
        QueryExecutionContext={"Database": "lake"},
    )["QueryExecutionId"]
    while True:
        execution = athena.get_query_execution(QueryExecutionId=id_)["QueryExecution"]
        if execution["Status"]["State"] not in ("QUEUED", "RUNNING"):
            break
        time.sleep(0.05)
    assert execution["Status"]["State"] == "SUCCEEDED", json.dumps(execution["Status"], default=str)
    rows = athena.get_query_results(QueryExecutionId=id_)["ResultSet"]["Rows"]
    return execution["Statistics"]["DataScannedInBytes"], rows[1]["Data"][0]["VarCharValue"]
