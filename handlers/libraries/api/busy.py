"""Recognizes temporary errors of AWS, after which the caller should retry."""

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
    """Tell whether an error is temporary, unlike a missing permission."""
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in _CODES
    return isinstance(error, ConnectionError | HTTPClientError)
