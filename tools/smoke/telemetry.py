"""Checks of telemetry: a reading of a device in the lake, in a query, and in a report."""

import gzip
import json
import secrets
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from local.devices.command import send
from local.devices.fleet import Broker, Device, register, unregister
from local.devices.plan import Message, Plan, Shares
from local.errors import LocalError

from . import page
from .checks import Check, Clock, Failed, SystemChecks
from .deployment import Deployment
from .web import call

_AGE_DAYS = 5
"""Age of the reading. Devices rarely send so late, so that its objects hold nothing else."""
_REPORT = "devices"
_INDEX = "reports/index.json"


class Telemetry(SystemChecks):
    """The checks of the system `telemetry`."""

    name = "telemetry"

    def __init__(self, deployed: Deployment, clock: Clock) -> None:
        super().__init__(clock)
        self._deployed = deployed
        self._device = deployed.run
        measured_at = int((time.time() - _AGE_DAYS * 24 * 3600) * 1000)
        plan = Plan([self._device], Shares(0, 0, 0), seed=secrets.randbits(32))
        (self._message,) = plan.messages(1, measured_at)
        self._reading: dict[str, Any] = json.loads(self._message.payload)
        self._day = time.strftime("%Y-%m-%d", time.gmtime(measured_at / 1000))
        self._reported = False

    def checks(self) -> Sequence[Check]:
        """Return the checks, in order."""
        return [
            Check("the page has its security headers", self._page),
            Check("a device publishes with its own certificate", self._publish, 90),
            Check("the reading is in the lake", self._in_lake, 600, after=self._publish),
            Check("a query finds it", self._query, 180, after=self._in_lake),
            Check("the page shows its report", self._report, 600, after=self._in_lake),
        ]

    def _page(self) -> str:
        page.opens(self._deployed["siteUrl"])
        return self._deployed["siteUrl"]

    def _publish(self) -> None:
        iot = self._deployed.client("iot")
        self.remove_later(f"thing {self._device}", lambda: unregister(iot, self._device))
        credentials = register(iot, self._device, self._deployed["thingPolicy"])
        broker = Broker.of(self._deployed.endpoint, self._deployed["iotEndpoint"])

        def connected() -> Device | None:
            device = Device(self._device, credentials, broker)
            # AWS takes a while to know a new certificate and its policy.
            with suppress(LocalError, OSError):
                device.connect()
                return device
            return None

        device = self.clock.until(connected, "the broker to accept the device", 2)
        self._remember_reports()
        self.remove_later(f"reports of {self._day}", self._remove_report)
        self.remove_later(f"reading in {self._folder}", self._remove_reading)
        try:
            topic: str = self._deployed["topic"]
            sent: list[Message] = list(send({self._device: device}, topic, [self._message]))
        finally:
            device.disconnect()
        if len(sent) != 1:
            raise Failed("the reading was not sent")

    def _in_lake(self) -> None:
        self.clock.until(self._objects_with_reading, "Firehose to deliver", 2)

    def _query(self) -> None:
        athena = self._deployed.client("athena")
        execution = athena.start_query_execution(
            QueryString=f"SELECT temperature FROM {self._deployed['table']} WHERE day = "
            f"'{self._day}' AND reading_id = '{self._reading['reading_id']}'",
            WorkGroup=self._deployed["workgroup"],
            QueryExecutionContext={"Database": self._deployed["database"]},
        )["QueryExecutionId"]
        ended: dict[str, Any] = self.clock.until(
            lambda: _ended(athena, execution), "the query to end", 1
        )
        location = ended.get("ResultConfiguration", {}).get("OutputLocation", "")
        self.remove_later(f"results {location}", lambda: self._delete_results(location))
        if ended["Status"]["State"] != "SUCCEEDED":
            raise Failed(str(ended["Status"].get("StateChangeReason")))
        rows = athena.get_query_results(QueryExecutionId=execution)["ResultSet"]["Rows"][1:]
        found = [float(row["Data"][0]["VarCharValue"]) for row in rows]
        if set(found) != {self._reading["temperature"]}:
            raise Failed(f"the query returns {found}, not {self._reading['temperature']}")

    def _report(self) -> str:
        path = f"reports/{_REPORT}/day={self._day}/report.json"

        def shown() -> bool:
            report, index = (call(f"{self._deployed['siteUrl']}/{each}") for each in (path, _INDEX))
            return (
                (report.status, index.status) == (200, 200)
                and any(self._device in row for row in report.json["rows"])
                and self._day in index.json["days"]
            )

        self.clock.until(shown, f"the report of {self._day}", 3)
        self._reported = True
        return path

    @property
    def _folder(self) -> str:
        return f"{self._deployed['table']}/day={self._day}/"

    def _objects_with_reading(self) -> list[str]:
        listed = self._deployed.objects("lakeBucket", self._folder)
        return [each["Key"] for each in listed if self._lines(each["Key"])[0]]

    def _lines(self, key: str) -> tuple[int, int]:
        """Return how many lines of an object have the reading, and how many do not."""
        body = (
            self._deployed.client("s3")
            .get_object(Bucket=self._deployed["lakeBucket"], Key=key)["Body"]
            .read()
        )
        lines = (gzip.decompress(body) if key.endswith(".gz") else body).splitlines()
        mine = sum(json.loads(line)["reading_id"] == self._reading["reading_id"] for line in lines)
        return mine, len(lines) - mine

    def _remember_reports(self) -> None:
        self._had_reports = bool(self._reports)

    @property
    def _reports(self) -> list[str]:
        """The keys of the reports of the day."""
        listed = self._deployed.objects("reportsBucket", "reports/")
        return [each["Key"] for each in listed if f"/day={self._day}/" in each["Key"]]

    def _remove_reading(self) -> None:
        for key in self._objects_with_reading():
            if self._lines(key)[1]:
                raise Failed(f"{key} also has other readings, so it is not deleted")
            self._deployed.delete_objects("lakeBucket", key)

    def _remove_report(self) -> None:
        """Write the reports of the day again; delete them if the day had none before."""
        if self._had_reports:
            self._write_reports()
        else:
            for key in self._reports:
                self._deployed.delete_objects("reportsBucket", key)
            self._remove_from_index()
        if not self._reported:
            raise Failed(f"the reading may still arrive below {self._folder} of lakeBucket")

    def _write_reports(self) -> None:
        """Invoke the function as S3 does through its queue."""
        entry = {
            "bucket": {"name": self._deployed["lakeBucket"]},
            "object": {"key": f"{self._folder}{self._device}", "eTag": self._device},
        }
        body = json.dumps({"Records": [{"s3": entry}]})
        answer = self._deployed.client("lambda").invoke(
            FunctionName=self._deployed["reportFunction"],
            Payload=json.dumps({"Records": [{"messageId": self._device, "body": body}]}),
        )
        reply: Any = json.loads(answer["Payload"].read())
        if "FunctionError" in answer or reply["batchItemFailures"]:
            raise Failed(f"the report function failed: {reply}")

    def _remove_from_index(self) -> None:
        s3 = self._deployed.client("s3")
        index = {"Bucket": self._deployed["reportsBucket"], "Key": _INDEX}
        try:
            found = s3.get_object(**index)
        except s3.exceptions.NoSuchKey:
            return
        days = [each for each in json.loads(found["Body"].read())["days"] if each != self._day]
        if not days:
            self._deployed.delete_objects("reportsBucket", _INDEX)
            return
        s3.put_object(
            **index,
            Body=json.dumps({"days": days}).encode(),
            ContentType=found["ContentType"],
            CacheControl=found["CacheControl"],
            IfMatch=found["ETag"],
        )

    def _delete_results(self, location: str) -> None:
        parts = urlsplit(location)
        for ending in ("", ".metadata") if location else ():
            self._deployed.client("s3").delete_object(
                Bucket=parts.netloc, Key=parts.path.removeprefix("/") + ending
            )


def _ended(athena: Any, execution: str) -> dict[str, Any] | None:
    found: dict[str, Any] = athena.get_query_execution(QueryExecutionId=execution)["QueryExecution"]
    return found if found["Status"]["State"] in ("SUCCEEDED", "FAILED", "CANCELLED") else None
