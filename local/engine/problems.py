"""Messages for errors that a program raised."""

import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pulumi

PLACES = "__places__"
Apply = Callable[[Any], Any]


def describe(error: BaseException, folder: Path) -> str:
    """Returns the error's message, with its place in the program unless the message is enough.

    Components raise ValueError for bad arguments; settings and bundles raise pulumi.RunError.
    """
    if type(error) in (ValueError, LookupError) or isinstance(error, pulumi.RunError):
        return str(error)
    if isinstance(error, SystemExit):
        return f"the program ended itself: {error.code}"
    if isinstance(error, SyntaxError):
        return f"{_short(error.filename or '', folder)}:{error.lineno}: {error.msg}"
    places = getattr(error, PLACES, None) or traceback.extract_tb(error.__traceback__)
    where = [place for place in places if _own(place.filename, folder)]
    message = f"{type(error).__name__}: {error}"
    if not where:
        return message
    last = where[-1]
    return f"{message} (at {_short(last.filename, folder)}:{last.lineno} in {last.name})"


def remember_places() -> None:
    """Makes exceptions of `apply` callbacks remember their place in the program.

    A future passes the traceback only to its first awaiter, which is the SDK.
    """
    original = pulumi.Output.apply

    def apply(self: pulumi.Output[Any], func: Apply, run_with_unknowns: bool = False) -> Any:
        def call(value: Any) -> Any:
            try:
                return func(value)
            except Exception as error:
                if not hasattr(error, PLACES):
                    setattr(error, PLACES, traceback.extract_tb(error.__traceback__))
                raise

        return original(self, call, run_with_unknowns)

    setattr(pulumi.Output, "apply", apply)  # noqa: B010  mypy refuses the assignment


def _own(file: str, folder: Path) -> bool:
    return Path(file).is_relative_to(folder) and "site-packages" not in file


def _short(file: str, folder: Path) -> str:
    return str(Path(file).relative_to(folder) if Path(file).is_relative_to(folder) else file)
