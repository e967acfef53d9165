"""Environment variables are read into a typed object."""

from dataclasses import FrozenInstanceError, dataclass

import environment
import pytest


@dataclass(frozen=True)
class Settings:
    some_table: str
    some_days: int


def test_read():
    settings = environment.read(Settings, {"SOME_TABLE": "t", "SOME_DAYS": "7", "OTHER": "x"})
    assert settings == Settings("t", 7)
    with pytest.raises(FrozenInstanceError):
        settings.some_days = 8  # type: ignore[misc]


@pytest.mark.parametrize(
    ("environ", "message"),
    [
        ({"SOME_DAYS": "7"}, "SOME_TABLE is not set"),
        ({"SOME_TABLE": "", "SOME_DAYS": "7"}, "SOME_TABLE is not set"),
        ({"SOME_TABLE": "t", "SOME_DAYS": "a week"}, "SOME_DAYS must be a whole number"),
    ],
)
def test_an_error_names_the_variable(environ, message):
    with pytest.raises(environment.BadEnvironment, match=message):
        environment.read(Settings, environ)


def test_a_field_with_a_default_is_optional():
    @dataclass(frozen=True)
    class Optional:
        table: str
        limit: int = 5

    assert environment.read(Optional, {"TABLE": "t"}) == Optional("t")
    assert environment.read(Optional, {"TABLE": "t", "LIMIT": ""}) == Optional("t")
    assert environment.read(Optional, {"TABLE": "t", "LIMIT": "7"}) == Optional("t", 7)
