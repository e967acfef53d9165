"""Where the code of a function goes, by its size."""

from pathlib import Path

import pytest

from components._blocks.archive import MAX_UNZIPPED_BYTES, MAX_UPLOAD_BYTES
from components._blocks.build_process import BundleError
from components.event_consumer import EventConsumer
from tests.conftest import Build
from tests.projects import PYTHON


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small function, in a working directory of the test."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "app.py").write_text("def handler(event, context): ...\n")
    return tmp_path / "mine"


def consumer() -> None:
    EventConsumer(
        "big",
        {
            "event_bus_name": "orders-bus-1234567",
            "event_source": "colonnade.orders",
            "detail_types": ["InvoiceRequested"],
            "code": "mine",
            "functions": {"python": PYTHON},
        },
    )


def add_data(code: Path, size: int) -> None:
    with (code / "model.bin").open("wb") as file:
        file.truncate(size)


def test_a_small_archive_is_uploaded_by_lambdas_api(build: Build, code: Path):
    graph = build(consumer)
    assert graph.one("big-function").inputs["code"].path.endswith(".zip")
    assert not graph.of("BucketObjectv2")


def test_a_large_archive_is_read_from_a_bucket_of_its_own(build: Build, code: Path):
    add_data(code, MAX_UPLOAD_BYTES)
    graph = build(consumer)
    function = graph.one("big-function").inputs
    bucket, stored = graph.one("big-function-code"), graph.one("big-function-code-archive").inputs
    assert "code" not in function
    assert function["s3Bucket"] == stored["bucket"] == bucket.outputs["bucket"]
    assert function["s3Key"] == stored["key"] == Path(stored["source"].path).name
    assert Path(stored["source"].path).stat().st_size > MAX_UPLOAD_BYTES
    (code / "app.py").write_text("def handler(event, context): return 1\n")
    changed = build(consumer).one("big-function").inputs
    assert changed["s3Key"] != function["s3Key"], "Lambda must notice new code"


def test_an_archive_that_lambda_rejects_is_refused_with_its_size(build: Build, code: Path):
    add_data(code, MAX_UNZIPPED_BYTES + 1024**2)
    with pytest.raises(BundleError, match=r"'mine' has 251 MiB unzipped.* at most 250 MiB"):
        build(consumer)
    assert not list(code.parent.glob(".colonnade/bundles/*.zip"))
