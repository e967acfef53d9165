"""Errors of AWS that are temporary, so that the caller should retry."""

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


def is_busy(error: ClientError | BotoCoreError) -> bool:
    """Tell what may pass from a fault of ours, such as a missing permission."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in _CODES
    return isinstance(error, ConnectionError | HTTPClientError)
