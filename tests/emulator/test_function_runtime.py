"""Functions run as on Lambda: interpreter, environment, logs, errors, processes, new code."""

import json
import subprocess
import threading
import time

import pytest

from local.emulator import Emulator
from tests.emulator.cloud import Cloud, until, zipped

SURROUNDINGS = """
import importlib.util, os, sys
def handler(event, context):
    found = {name: bool(importlib.util.find_spec(name)) for name in ("boto3", "ministack")}
    return {"environment": dict(os.environ), "found": found, "name": context.function_name,
            "left": context.get_remaining_time_in_millis(), "prefix": sys.prefix}
"""


def test_only_packages_of_the_lambda_runtime_can_be_imported(cloud):
    cloud.function("f", SURROUNDINGS)
    assert cloud.invoke("f")["found"] == {"boto3": True, "ministack": False}


def test_the_environment_is_that_of_lambda_and_the_function(cloud):
    cloud.function("f", SURROUNDINGS, environment={"TABLE": "t", "AUTH": "mine"})
    answer = cloud.invoke("f")
    environment = answer["environment"]
    assert environment["TABLE"] == "t"
    assert environment["AUTH"] == "mine"
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == answer["name"] == "f"
    assert environment["AWS_ENDPOINT_URL"] == cloud.emulator.endpoint
    assert environment["AWS_SESSION_TOKEN"]
    assert not {"GATEWAY_PORT", "SFTP_ENABLED", "VIRTUAL_ENV"} & set(environment)
    assert 0 < answer["left"] <= 10_000


def test_stock_exposes_packages_and_settings_of_the_server():
    with Emulator(unpatched={"function_runtime"}) as emulator:
        cloud = Cloud(emulator)
        cloud.function("f", SURROUNDINGS)
        answer = cloud.invoke("f")
    assert answer["found"]["ministack"]
    assert "GATEWAY_PORT" in answer["environment"]


def test_credentials_are_those_of_the_role(cloud):
    cloud.function(
        "f",
        "import boto3\ndef handler(event, context):\n"
        "    return boto3.client('sts').get_caller_identity()['Arn']",
    )
    assert cloud.invoke("f") == "arn:aws:sts::000000000000:assumed-role/f-role/f"


LOGGING = """
import logging
log = logging.getLogger()
def handler(event, context):
    print("printed")
    log.info("order %s", 7, extra={"orderId": "o-7", "count": 2})
    log.debug("hidden")
    try:
        1 / 0
    except ZeroDivisionError:
        log.exception("odd")
"""


def test_json_logs_have_the_form_of_lambda(cloud):
    cloud.function("f", LOGGING, LoggingConfig={"LogFormat": "JSON"})
    cloud.invoke("f")
    printed, order, odd = cloud.printed("f")
    assert printed == "printed"
    order, odd = json.loads(order), json.loads(odd)
    assert set(order) == {
        "timestamp", "level", "message", "logger", "requestId", "orderId", "count"
    }  # fmt: skip
    assert (order["level"], order["message"], order["logger"]) == ("INFO", "order 7", "root")
    assert (order["orderId"], order["count"]) == ("o-7", 2)
    assert odd["errorType"] == "ZeroDivisionError"
    assert odd["errorMessage"] == "division by zero"
    assert "in handler" in odd["stackTrace"][-1]


def test_text_logs_start_at_warning_unless_the_function_lowers_it(cloud):
    cloud.function("f", LOGGING)
    cloud.invoke("f")
    printed, odd, *_trace = cloud.printed("f")
    assert printed == "printed"
    assert odd.startswith("[ERROR]\t") and odd.endswith("\todd")


def test_the_log_level_of_the_function_is_not_changed(cloud):
    settings = {"LogFormat": "JSON", "ApplicationLogLevel": "ERROR"}
    cloud.function("f", LOGGING, LoggingConfig=settings)
    cloud.invoke("f")
    assert [json.loads(line)["level"] for line in cloud.printed("f")[1:]] == ["ERROR"]


ODD_OUTPUT = """
import os, subprocess, sys
def handler(event, context):
    os.write(2, b"bytes \\xff\\n")
    subprocess.run([sys.executable, "-c", "print('from a child')"])
    print("größer", end="")
"""


def test_unusual_output_is_logged_and_does_not_block(cloud):
    cloud.function("f", ODD_OUTPUT)
    lines = ["bytes \ufffd", "from a child", "größer"]
    assert cloud.invoke("f") is None
    assert cloud.printed("f") == lines
    assert cloud.invoke("f") is None
    assert cloud.printed("f") == lines * 2


def test_logs_also_reach_cloudwatch(cloud):
    cloud.function("f", LOGGING, LoggingConfig={"LogFormat": "JSON"})
    cloud.invoke("f")
    events = cloud.client("logs").filter_log_events(logGroupName="/aws/lambda/f")["events"]
    messages = [event["message"] for event in events]
    assert "printed" in messages
    assert any('"orderId": "o-7"' in message for message in messages)


FAILING = """
import os
def handler(event, context):
    if event == "raise":
        raise LookupError("no such thing")
    if event == "die":
        os._exit(3)
    if event == "set":
        return {1, 2}
    return os.getpid()
"""


def test_an_exception_is_reported_and_the_process_survives(cloud):
    cloud.function("f", FAILING)
    process = cloud.invoke("f")
    error = cloud.invoke("f", "raise")
    assert (error["errorType"], error["errorMessage"]) == ("LookupError", "no such thing")
    assert "in handler" in error["stackTrace"][0]
    assert cloud.printed("f")[0] == "[ERROR] LookupError: no such thing"
    assert cloud.invoke("f") == process


def test_a_crash_and_an_invalid_answer_are_reported(cloud):
    cloud.function("f", FAILING)
    process = cloud.invoke("f")
    assert cloud.invoke("f", "set")["errorType"] == "Runtime.MarshalError"
    assert cloud.invoke("f", "die")["errorType"] == "Runtime.ExitError"
    assert cloud.invoke("f") not in (process, None)


def test_a_function_that_takes_too_long_is_stopped(cloud):
    source = "import time\ndef handler(event, context):\n    time.sleep(event)\n    return 'done'"
    cloud.function("f", source, Timeout=1)
    error = cloud.invoke("f", 30)
    assert error["errorType"] == "Sandbox.Timedout"
    assert "timed out after 1.00 seconds" in error["errorMessage"]
    assert cloud.invoke("f", 0) == "done"


@pytest.mark.parametrize(
    ("source", "error"),
    [
        ("import nothing_like_it", "Runtime.ImportModuleError"),
        ("def handler(:", "Runtime.UserCodeSyntaxError"),
        ("x = 1", "Runtime.HandlerNotFound"),
        ("raise OverflowError('at import')", "OverflowError"),
    ],
)
def test_broken_code_is_reported_and_can_be_repaired(cloud, source, error):
    cloud.function("f", source)
    assert cloud.invoke("f")["errorType"] == error
    assert any(error in line for line in cloud.printed("f"))
    repaired = zipped(app="def handler(event, context):\n    return 'well'")
    cloud.client("lambda").update_function_code(FunctionName="f", ZipFile=repaired)
    assert cloud.invoke("f") == "well"


def test_new_code_serves_the_next_invocation_and_does_not_interrupt_the_current_one(cloud):
    slow = "import time\ndef handler(event, context):\n    print('began')\n    time.sleep(0.5)\n"
    cloud.function("f", slow + "    return 'old'")
    answers = []
    first = threading.Thread(target=lambda: answers.append(cloud.invoke("f")))
    first.start()
    until(lambda: "began" in cloud.printed("f"))
    fresh = zipped(app="def handler(event, context):\n    return 'new'")
    cloud.client("lambda").update_function_code(FunctionName="f", ZipFile=fresh)
    assert cloud.invoke("f") == "new"
    first.join()
    assert answers == ["old"]


def test_new_environment_serves_the_next_invocation(cloud):
    source = "import os\ndef handler(event, context):\n    return os.environ['COLOUR']"
    cloud.function("f", source, environment={"COLOUR": "red"})
    assert cloud.invoke("f") == "red"
    cloud.client("lambda").update_function_configuration(
        FunctionName="f", Environment={"Variables": {"COLOUR": "blue"}}
    )
    assert cloud.invoke("f") == "blue"


def test_many_events_share_few_processes_and_none_is_lost(cloud):
    source = "import os, time\ndef handler(event, context):\n    time.sleep(0.01)\n"
    cloud.function("f", source + "    print(os.getpid(), event)\n    return os.getpid()")
    for number in range(60):
        cloud.client("lambda").invoke(
            FunctionName="f", InvocationType="Event", Payload=json.dumps(number)
        )
    lines = until(lambda: (found := cloud.printed("f")) and len(found) == 60 and found)
    assert {line.split()[1] for line in lines} == {str(number) for number in range(60)}
    assert len({line.split()[0] for line in lines}) <= 4


def test_a_function_without_output_answers_immediately(cloud):
    cloud.function("f", "def handler(event, context):\n    pass")
    cloud.invoke("f")
    started = time.monotonic()
    for _ in range(10):
        cloud.invoke("f")
    assert (time.monotonic() - started) / 10 < 0.045  # stock waits for output for 0.05 s


def test_reset_ends_every_function_process(cloud):
    cloud.function("f", FAILING)
    process = cloud.invoke("f")
    cloud.emulator.reset()
    running = subprocess.run(["ps", "-o", "pid=", "-p", str(process)], capture_output=True)
    assert not running.stdout.strip()
