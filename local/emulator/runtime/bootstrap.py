"""Main program of a function's process: imports the handler and answers one event per line.

It runs under the function's interpreter, so it imports only the standard library. The server sends
one JSON line with the settings (see `ministack.core.lambda_runtime.Worker._spawn`), and then one
line per event. Answers go to standard output, the handler's output goes to standard error. MARK
ends the output of one invocation.
"""

import importlib
import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable
from typing import Any, TextIO

MARK = "\x1e"
Handler = Callable[[Any, "Context"], Any]
Message = dict[str, Any]
Failure = tuple[Exception, str, str]
INHERITED = {"HOME", "LANG", "PATH", "TMPDIR", "TZ", "_HANDLER"}


def main() -> None:
    answers = own_standard_output()
    init = json.loads(sys.stdin.readline())
    clean_environment(init["env"])
    extend_path(init["code_dir"])
    set_up_logging()
    # Reports ready even if the import fails: Lambda also fails the invocation, not the creation.
    answer(answers, {"status": "ready"})
    handler, failure = import_handler(init["module"], init["handler"])
    for line in sys.stdin:
        message = json.loads(line)
        context = Context(init, message["ctx"])
        Context.current = context
        if failure or not handler:
            assert failure
            answer(answers, failed(failure, context, during_import=True))
            return
        answer(answers, invoke(handler, message["event"], context))


def own_standard_output() -> TextIO:
    """Reserve standard output for answers. Other output, also of child processes, is logged."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return answers


def clean_environment(own: dict[str, str]) -> None:
    """Remove the server's own variables."""
    for name in set(os.environ) - INHERITED - set(own):
        if not name.startswith(("AWS_", "LAMBDA_", "_LAMBDA_")):
            del os.environ[name]
    os.environ.update(own)


def extend_path(code: str) -> None:
    sys.path[0] = code
    for layer in filter(None, os.environ.pop("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep)):
        sys.path.insert(1, os.path.join(layer, "python"))


def import_handler(module: str, name: str) -> tuple[Handler | None, Failure | None]:
    try:
        return getattr(importlib.import_module(module), name), None
    except AttributeError as error:
        if module in sys.modules:
            return None, named(error, "HandlerNotFound", f"Handler '{name}' missing on '{module}'")
        return None, named(error, "UserCodeException", str(error))
    except ImportError as error:
        reason = f"Unable to import module '{module}': {error}"
        return None, named(error, "ImportModuleError", reason)
    except SyntaxError as error:
        reason = f"Syntax error in module '{module}': {error}"
        return None, named(error, "UserCodeSyntaxError", reason)
    except Exception as error:
        return None, (error, type(error).__name__, str(error))


def named(error: Exception, kind: str, reason: str) -> Failure:
    return error, f"Runtime.{kind}", reason


def invoke(handler: Handler, event: object, context: "Context") -> Message:
    try:
        result = handler(event, context)
    except Exception as error:
        return failed((error, type(error).__name__, str(error)), context)
    try:
        return {"status": "ok", "result": json.loads(json.dumps(result))}
    except (TypeError, ValueError) as error:
        reason = f"Unable to marshal response: {error}"
        return failed(named(error, "MarshalError", reason), context)


def failed(failure: Failure, context: "Context", during_import: bool = False) -> Message:
    """Log an error and return it in the form of Lambda."""
    error, kind, reason = failure
    # The first frames are those of this file or importlib.
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename != __file__ and "importlib" not in frame.filename
    ]
    payload = {
        "errorMessage": reason,
        "errorType": kind,
        "requestId": context.aws_request_id,
        "stackTrace": traceback.format_list(frames),
    }
    if logs_json():
        when = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "level": "ERROR"}
        print(json.dumps({**when, **payload}))
    else:
        print(f"[ERROR] {kind}: {reason}\nTraceback (most recent call last):")
        print("".join(payload["stackTrace"]).rstrip())
    return {"status": "error", "payload": payload, "final": during_import}


def answer(answers: TextIO, message: Message) -> None:
    sys.stderr.flush()
    if message["status"] != "ready":
        print(MARK, flush=True)
    answers.write(json.dumps(message) + "\n")
    answers.flush()


class Context:
    """The second argument of a handler."""

    current: "Context | None" = None
    identity = None
    client_context = None

    def __init__(self, init: Message, call: Message) -> None:
        self.function_name = init["function_name"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = str(init["memory"])
        self.invoked_function_arn = call["invoked_function_arn"]
        self.aws_request_id: str = call["request_id"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self._deadline = time.monotonic() + call["timeout_ms"] / 1000
        trace = call.get("trace_id")
        if trace:
            os.environ["_X_AMZN_TRACE_ID"] = trace

    def get_remaining_time_in_millis(self) -> int:
        return max(0, int((self._deadline - time.monotonic()) * 1000))


def logs_json() -> bool:
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


def set_up_logging() -> None:
    """Add Lambda's handler to the root logger: JSON lines at INFO, or text lines at WARNING."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if logs_json() else TextLines())
    logging.root.addHandler(handler)
    if logs_json():
        level = os.environ.get("AWS_LAMBDA_LOG_LEVEL", "INFO")
        logging.root.setLevel({"TRACE": "DEBUG", "FATAL": "CRITICAL"}.get(level, level))


def request_id() -> str | None:
    return Context.current.aws_request_id if Context.current else None


class TextLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        line = f"[{record.levelname}]\t{when}.{record.msecs:03.0f}Z\t{request_id() or ''}\t"
        return line + super().format(record)


class JsonLines(logging.Formatter):
    """Lambda's JSON log record. The values of `extra` become keys."""

    STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **self.failure(record.exc_info),
            "requestId": request_id(),
        }
        for key, value in vars(record).items():
            if key not in self.STANDARD:
                line.setdefault(key, value)
        known = {key: value for key, value in line.items() if value is not None}
        return json.dumps(known, default=str, ensure_ascii=False)

    @staticmethod
    def failure(exc_info: Any) -> Message:
        if not exc_info or not exc_info[0]:
            return {}
        kind, error, trace = exc_info
        frames = [
            f"  File {f.filename!r}, line {f.lineno}, in {f.name}"
            for f in traceback.extract_tb(trace)
        ]
        return {"stackTrace": frames, "errorType": kind.__name__, "errorMessage": str(error)}


main()
