"""Reads the environment variables of a function into a frozen dataclass."""

import os
from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

    Settings = TypeVar("Settings", bound=DataclassInstance)

__all__ = ["BadEnvironment", "read"]


class BadEnvironment(Exception):
    """A variable is missing, or its value does not have the type of the field."""


def read(settings: "type[Settings]", environ: Mapping[str, str] = os.environ) -> "Settings":
    """Fill a dataclass of `str` and `int` fields from variables of the same names in uppercase.

    A field with a default is optional: its variable may be missing or empty.

    Raises:
        BadEnvironment: a variable is missing or empty, or the value of an `int` is not an integer.
    """
    values: dict[str, Any] = {}
    for field in fields(settings):
        variable = field.name.upper()
        text = environ.get(variable, "")
        if not text and field.default is not MISSING:
            continue
        if not text:
            raise BadEnvironment(f"the environment variable {variable} is not set")
        try:
            values[field.name] = int(text) if field.type is int else text
        except ValueError:
            raise BadEnvironment(f"{variable} must be a whole number, not {text!r}") from None
    return settings(**values)
