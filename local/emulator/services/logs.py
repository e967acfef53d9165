"""Writes the output of an instance to its log group, as the CloudWatch agent does on AWS."""

import threading
import time

from ministack.core.responses import request_scope
from ministack.services import cloudwatch_logs

from .processes import ServiceProcess


def follow(process: ServiceProcess, group: str, stream: str, account: str, region: str) -> None:
    """Write each line of a process to a stream of a log group, until it ends."""

    def run() -> None:
        with request_scope(account, region):
            cloudwatch_logs._create_log_stream({"logGroupName": group, "logStreamName": stream})
            for line in process.lines():
                event = {"timestamp": int(time.time() * 1000), "message": line}
                cloudwatch_logs._put_log_events(
                    {"logGroupName": group, "logStreamName": stream, "logEvents": [event]}
                )

    threading.Thread(target=run, daemon=True).start()
