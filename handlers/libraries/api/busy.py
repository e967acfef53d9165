"""Recognizes temporary errors of AWS, after which the caller should retry."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, ConnectionError, HTTPClientError

_CODES = frozenset(
    {
        "DependencyTimeoutException",
        "InternalError",
        "InternalServerError",
        "KMSInternalException",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottlingException",
        "TransactionConflictException",
    }
)

# Why a transaction was cancelled: "TransactionCanceledException", API reference of DynamoDB.
_REASONS = frozenset({"ProvisionedThroughputExceeded", "ThrottlingError", "TransactionConflict"})


def is_busy(error: ClientError | BotoCoreError) -> bool:
    """Tell whether an error is temporary, unlike a missing permission."""
    if isinstance(error, ClientError):
        reasons: Any = error.response.get("CancellationReasons", [])
        if any(reason.get("Code") in _REASONS for reason in reasons):
            return True
        return error.response["Error"]["Code"] in _CODES
    return isinstance(error, ConnectionError | HTTPClientError)
