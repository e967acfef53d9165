"""Messages for errors of one resource."""

import traceback
from pathlib import Path

from botocore.exceptions import BotoCoreError, ClientError

HERE = Path(__file__).resolve().parents[2]


def describe(error: Exception) -> str:
    """Returns one line: the AWS error with its code and operation, or the message of our code."""
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        return f"{answer.get('Code')}: {answer.get('Message')} ({error.operation_name})"
    if isinstance(error, (BotoCoreError, ValueError, OSError)):
        return " ".join(str(error).split())
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {error} (at {_short(frame.filename)}:{frame.lineno})"


def _short(file: str) -> str:
    path = Path(file)
    return str(path.relative_to(HERE) if path.is_relative_to(HERE) else path)
