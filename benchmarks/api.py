"""Requests to the functions of the to-do API, compared with handlers that only call DynamoDB."""

import io
import itertools
import logging
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from benchmarks.bare_todos import SOMEBODY, Bare
from benchmarks.report import Result, Target
from benchmarks.rounds import Case, Times, interleave, timed
from benchmarks.todo_table import Event, TodoTable, creation, event
from local.emulator.process import Emulator

REQUESTS = 50
PAGE = 20
MAX_RATIO = 1.15
COLUMNS = (f"{REQUESTS} sequential requests", "Bare ms", "Ours ms", "Ratio")

Handler = Callable[[Event], dict[str, Any]]


def measure(rounds: int) -> Result:
    """Send the same requests to our functions and to the bare handlers."""
    _log_as_on_lambda()
    with Emulator() as emulator:
        operations = _operations(TodoTable(emulator, "todos"))
        times = interleave(dict(_cases(operations)), 8 * rounds)  # each is short
    result = Result("API", COLUMNS)
    for name in operations:
        bare, ours = times[f"{name} bare"], times[name]
        ratio = ours.ratio_to(bare)
        result.rows.append(_row(name, bare, ours, ratio))
        wanted = f"{name}: at most {MAX_RATIO}x the time of a bare handler"
        result.targets.append(Target(wanted, f"{ratio:.2f}x", ratio <= MAX_RATIO))
    result.notes += [
        "Bare: one DynamoDB call with the same arguments as in our function, and `json.dumps` of "
        "the result, without validation, ETag, CORS, logs or idempotency.",
        "Both run in the process of the benchmark, without API Gateway and Lambda.",
    ]
    return result


def _row(name: str, bare: Times, ours: Times, ratio: float) -> Sequence[str]:
    each = [f"{1000 * times.median / REQUESTS:.2f}" for times in (bare, ours)]
    return name, *each, f"{ratio:.2f}x"


def _cases(operations: dict[str, tuple[Handler, Handler, Iterator[Event]]]) -> Iterator[Any]:
    for name, (bare, ours, events) in operations.items():
        yield f"{name} bare", _case(bare, events)
        yield name, _case(ours, events)


def _case(handler: Handler, events: Iterator[Event]) -> Case:
    def run() -> float:
        now = list(itertools.islice(events, REQUESTS))

        def answer_all() -> None:
            for each in now:
                status = handler(each)["statusCode"]
                if status not in (200, 201):
                    raise RuntimeError(f"{each['httpMethod']} {each['resource']}: {status}")

        return timed(answer_all)

    return run


def _operations(table: TodoTable) -> dict[str, tuple[Handler, Handler, Iterator[Event]]]:
    """Return the bare and our handler of each operation, with endless requests."""
    ids = table.fill(5 * PAGE)
    # For another user, so that the list does not grow.
    new = (creation(f"new-{number}", SOMEBODY) for number in itertools.count())
    read = event("GET /todos/{todoId}", path={"todoId": ids[0]})
    page = event("GET /todos", query={"limit": str(PAGE)})
    bare = Bare(table)
    return {
        "getTodo": (bare.get, table.reads, itertools.repeat(read)),
        f"listTodos, {PAGE} on a page": (bare.list, table.reads, itertools.repeat(page)),
        "createTodo": (bare.create, table.writes, new),
        "updateTodo": (bare.update, table.writes, _changes(ids[1])),
    }


def _changes(todo_id: str) -> Iterator[Event]:
    """Yield updates of one to-do; each has the version of the one before."""
    for version in itertools.count(1):
        body = {"title": f"Version {version}", "done": False, "version": version}
        yield event("PUT /todos/{todoId}", path={"todoId": todo_id}, body=body)


def _log_as_on_lambda() -> None:
    """Write the log line of each request to memory."""
    logger = logging.getLogger("api")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.handlers = [logging.StreamHandler(io.StringIO())]
