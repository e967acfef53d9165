"""The running API answers thousands of generated requests as its document says.

Schemathesis generates valid and invalid requests from the document, and compares every response
with it, also those of the gateway.
"""

import json
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.cloud import PROJECT, Cloud
from local.people import Place
from tests.chance import seed
from tests.platform.people import Person

LEAST = 2000
MAX_SECONDS = 570  # seconds: the limit for a run on a busy machine
EXAMPLES = 250  # maximum per operation, besides those of the coverage phase
HALVES = (
    ("listFiles", "uploadFile", "downloadFile", "deleteFile", "getHealth", "listTodos"),
    ("createTodo", "getTodo", "updateTodo", "deleteTodo"),
)
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "negative_data_rejection",
    "missing_required_header",
)


@pytest.fixture(scope="module")
def person(cloud: Cloud) -> Person:
    place = Place.of(cloud.endpoint, cloud.outputs["todo"], cloud.mails)
    return Person(cloud, place, "fuzz@example.com")


def run(document: Path, person: Person, sent: Path, *options: str) -> tuple[int, str]:
    """Return exit status and report of Schemathesis, which writes the requests to `sent`."""
    done = subprocess.run(
        [
            *(Path(sys.executable).with_name("schemathesis"), "run", document),
            *("--url", person.place.url),
            *("--header", f"Authorization: Bearer {person.access_token}"),
            *("--phases", "examples,coverage,fuzzing", "--seed", str(seed(20261121))),
            *("--generation-database", "none", "--no-shrink", "--no-color"),
            *("--report", "ndjson", "--report-ndjson-path", sent),
            *options,
        ],
        cwd=sent.parent,
        capture_output=True,
        text=True,
        timeout=MAX_SECONDS,
    )
    return done.returncode, done.stdout + done.stderr


def answers(sent: Path) -> Counter[tuple[str, int]]:
    """Return how often each operation (`GET /todos`) answered each status."""
    found: Counter[tuple[str, int]] = Counter()
    for line in sent.read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for each in recorder.get("interactions", {}).values():
            assert each["response"], "a request without an answer"
            found[recorder["label"], each["response"]["status_code"]] += 1
    return found


@pytest.mark.timeout(600)
def test_every_answer_is_documented(person: Person, tmp_path: Path):
    def check(number: int) -> tuple[int, str]:
        options = ["--checks", ",".join(CHECKS), "--max-examples", str(EXAMPLES)]
        for operation in HALVES[number]:
            options += ["--include-operation-id", operation]
        return run(PROJECT / "apis/todo.yaml", person, tmp_path / f"{number}.ndjson", *options)

    # Two processes, because threads would share an interpreter and generate different requests
    # each time.
    with ThreadPoolExecutor(2) as pool:
        ends = list(pool.map(check, range(2)))
    sent = answers(tmp_path / "0.ndjson") + answers(tmp_path / "1.ndjson")
    statuses: Counter[int] = Counter()
    for (_operation, code), times in sent.items():
        statuses[code] += times
    print(f"{sent.total()} requests, by status: {dict(sorted(statuses.items()))}")
    for status, report in ends:
        assert status == 0, report
    assert sent.total() >= LEAST
    assert len({operation for operation, _code in sent}) == sum(map(len, HALVES))
    # Not only rejections: to-dos were created, read, not changed from a stale state, or missing.
    assert {200, 201, 204, 304, 400, 404, 409} <= statuses.keys()


def test_an_undocumented_answer_is_found(person: Person, tmp_path: Path):
    """The run above can fail: an API that differs from its document is detected."""
    text = (PROJECT / "apis/todo.yaml").read_text()
    document = tmp_path / "todo.yaml"
    document.write_text(text.replace("required: [status]", "required: [status, colour]"))
    options = ("--include-operation-id", "getHealth", "--max-examples", "5")
    status, report = run(document, person, tmp_path / "sent.ndjson", *options)
    assert status == 1 and "'colour' is a required property" in report.replace('"', "'"), report
