"""Only failed records are reported, and they are logged without their contents."""

import logging

import partial_batch
import pytest
from botocore.exceptions import ReadTimeoutError
from partial_batch import BadRecord


def test_only_records_that_raise_are_reported(caplog):
    handled = []

    def handle(record):
        if record["messageId"] in "bd":
            raise ValueError("12 Secret Lane")
        handled.append(record["messageId"])

    response = partial_batch.process([{"messageId": each} for each in "abcd"], handle)
    assert response == {"batchItemFailures": [{"itemIdentifier": "b"}, {"itemIdentifier": "d"}]}
    assert handled == ["a", "c"]
    assert [each.levelno for each in caplog.records] == [logging.ERROR] * 2
    logged = " ".join(str(vars(each)) for each in caplog.records)
    assert "Secret" not in logged
    assert "ValueError" in logged and "test_partial_batch.py" in logged


def test_the_reason_of_a_bad_record_is_logged(caplog):
    def handle(record):
        raise BadRecord("metadata is missing")

    partial_batch.process([{"id": 7}], handle, lambda record: str(record["id"]))
    assert "metadata is missing" in caplog.records[0].error
    assert caplog.records[0].record == "7"


def test_the_end_of_the_process_is_not_reported_as_a_bad_record():
    def handle(record):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        partial_batch.process([{"messageId": "a"}], handle)


def test_a_timeout_is_reported_like_any_other_failure(caplog):
    """The error has the attribute `response`, which is None."""

    def handle(record):
        raise ReadTimeoutError(endpoint_url="https://example.com")

    response = partial_batch.process([{"messageId": "a"}], handle)
    assert response == {"batchItemFailures": [{"itemIdentifier": "a"}]}
    assert "ReadTimeoutError" in caplog.records[0].error
