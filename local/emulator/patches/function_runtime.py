"""Functions run as on Lambda: clean interpreter and environment, JSON logs, few processes.

Stock 1.5.33 runs a Python function with the server's own interpreter, site-packages and environment
variables, so that a bundle with a missing package works here and fails on AWS. It gives the root
logger no handler (INFO records are lost) and ignores `LoggingConfig`. It starts a process for every
concurrent event without limit, ends it after any exception of the handler (the next invocation
starts cold), answers `Runtime.HandlerError` for every exception, waits 50 ms after an invocation
that printed nothing, and a code update breaks the invocation in flight.

AWS: "Understanding the Lambda execution environment lifecycle", "Defined runtime environment
variables", "Log and monitor Python Lambda functions", "AWS Lambda function errors in Python".

ministack has fixed this when tests/emulator/test_function_runtime.py passes with
`unpatched=("function_runtime",)`.
"""

from typing import Any

from ministack.core import lambda_runtime
from ministack.services import lambda_svc

from ..runtime.function_logs import FunctionLogs
from ..runtime.function_pool import FunctionPool
from ..runtime.function_process import BOOTSTRAP
from . import Server


def apply(server: Server) -> None:
    pool = FunctionPool(FunctionLogs(server.folder.function_logs))
    _use_interpreter(str(server.runtime))
    _use_pool(pool)


def _use_interpreter(runtime: str) -> None:
    stock = lambda_runtime._detect_runtime_binary
    bootstrap = BOOTSTRAP.read_text("utf-8")

    def detect(wanted: str) -> tuple[str, str]:
        return (runtime, bootstrap) if wanted.startswith("python") else stock(wanted)

    lambda_runtime._detect_runtime_binary = detect


def _use_pool(pool: FunctionPool) -> None:
    stock_execute = lambda_svc._execute_function_warm
    stock_invalidate = lambda_runtime.invalidate_worker
    stock_reset = lambda_runtime.reset

    def execute(function: dict[str, Any], event: object, request_id: str) -> dict[str, Any]:
        config = function.get("config") or function
        if function.get("code_zip") and config.get("Runtime", "").startswith("python"):
            return _execute(pool, config, function["code_zip"], event, request_id)
        answer: dict[str, Any] = stock_execute(function, event, request_id)
        return answer

    def invalidate(
        name: str,
        qualifier: str | None = None,
        account: str | None = None,
        region: str | None = None,
    ) -> None:
        pool.retire(lambda_svc._func_arn(name), qualifier)
        stock_invalidate(name, qualifier=qualifier, account=account, region=region)

    def reset() -> None:
        pool.clear()
        stock_reset()

    lambda_svc._execute_function_warm = execute
    lambda_svc.invalidate_worker = lambda_runtime.invalidate_worker = invalidate
    lambda_runtime.reset = reset


def _execute(
    pool: FunctionPool, config: dict[str, Any], code: bytes, event: object, request_id: str
) -> dict[str, Any]:
    timeout = float(config.get("Timeout", 3))
    version = config.get("Version", "$LATEST")
    name = config["FunctionName"]
    call = {"request_id": request_id, "invoked_function_arn": config["FunctionArn"]}
    try:
        key = (lambda_svc._func_arn(name), version)
        with pool.process(key, config, code, patience=max(timeout, 60)) as process:
            answer = process.run(event, call, timeout)
    except TimeoutError:
        throttled: dict[str, Any] = lambda_svc._throttle_response(
            reason_code="ConcurrentInvocationLimitExceeded",
            msg=f"Rate Exceeded: every process of {name} stayed busy",
        )
        return throttled
    if answer["status"] == "ok":
        return {"body": answer["result"], "log": answer["log"]}
    return {"body": answer["payload"], "error": True, "log": answer["log"]}
