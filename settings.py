"""Settings: a stack's configuration as one typed object. Pulumi.yaml lists every knob."""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import pulumi

SYSTEMS = ("blog", "orders", "telemetry", "todo", "videos")
_LOG_STEPS = (1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827)


def _knob(allowed: str, fits: Callable[[Any], bool]) -> Any:
    """A field, what it may hold in words, and the check of that."""
    return field(metadata={"allowed": allowed, "fits": fits})


def _one_of(*values: object) -> Any:
    return _knob("one of " + ", ".join(map(str, values)), lambda value: value in values)


def _between(least: int, most: int) -> Any:
    return _knob(f"a whole number from {least} to {most}", lambda value: least <= value <= most)


def _site() -> Any:
    return _knob(
        "https://host or http://localhost:port, without a path",
        lambda value: re.fullmatch(r"https://[^/]+|http://localhost(:\d+)?", value) is not None,
    )


@dataclass(frozen=True)
class Settings:
    """The knobs of Pulumi.yaml, checked. Key `logRetentionDays` is field `log_retention_days`."""

    systems: list[str] = _knob(
        "a list of " + ", ".join(SYSTEMS) + ", each once",
        lambda value: sorted(value) == sorted(set(value) & set(SYSTEMS)),
    )
    lambda_architecture: str = _one_of("arm64", "x86_64")
    lambda_python: str = _one_of("3.11", "3.12", "3.13", "3.14")
    log_retention_days: int = _one_of(*_LOG_STEPS)
    retain_data: bool = _one_of(True, False)
    alarm_email: str = _knob(
        "an e-mail address, or empty", lambda value: not value or "@" in value[1:-1]
    )
    orders_archive_retention_days: int = _between(1, 3650)
    orders_resend_after_minutes: int = _between(1, 1440)
    telemetry_stream: bool = _one_of(True, False)
    telemetry_site_url: str = _site()
    blog_site_url: str = _site()
    blog_zone_id: str = _knob("the ID of a hosted zone, or empty", lambda value: " " not in value)
    blog_title: str = _knob("a name in one line", lambda value: 0 < len(value) <= 60)
    blog_from_address: str = _knob("an e-mail address", lambda value: "@" in value[1:-1])
    blog_replica_regions: list[str] = _knob(
        "a list of AWS regions", lambda value: len(set(value)) == len(value)
    )
    blog_cached: bool = _one_of(True, False)
    todo_site_url: str = _site()
    todo_cached: bool = _one_of(True, False)
    todo_dax: bool = _one_of(True, False)
    videos_app_url: str = _site()
    videos_min_seconds: int = _between(1, 600)
    videos_max_seconds: int = _between(600, 604_800)
    videos_signing_key_a: int = _between(0, 9999)
    videos_signing_key_b: int = _between(0, 9999)
    videos_signing_slot: str = _one_of("a", "b")

    @classmethod
    def load(cls) -> "Settings":
        """The settings of the stack that runs.

        Raises:
            SettingsError: see `parse`.
        """
        project, stack = pulumi.get_project(), pulumi.get_stack()
        config = pulumi.runtime.config
        given = {**config.get_config_env(), **config.CONFIG.get()}
        # Keys of other namespaces (`aws:region`) belong to providers.
        own = {
            key.removeprefix(f"{project}:"): value
            for key, value in given.items()
            if key.startswith(f"{project}:")
        }
        return cls.parse(own, f"Pulumi.{stack}.yaml")

    @classmethod
    def parse(cls, given: Mapping[str, str], file: str) -> "Settings":
        """Settings from configuration values as Pulumi hands them over: text, lists as JSON.

        Args:
            given: value by key, without the project's name.
            file: where the user wrote them, for the error message.

        Raises:
            SettingsError: a key is unknown or missing, or a value has the wrong type or is not
                allowed. The message lists every one of them.
        """
        knobs = {_key(each.name): each for each in fields(cls)}
        problems = [
            f"'{key}' is no knob of this platform; Pulumi.yaml lists them: {', '.join(knobs)}"
            for key in sorted(given.keys() - knobs.keys())
        ]
        values: dict[str, Any] = {}
        for key, knob in knobs.items():
            if key not in given:
                problems.append(f"'{key}' is missing; give {knob.metadata['allowed']}")
                continue
            value = _value(knob.type, given[key])
            if not _is_a(knob.type, value) or not knob.metadata["fits"](value):
                found = json.dumps(value)
                problems.append(f"'{key}' is {found}; give {knob.metadata['allowed']}")
            values[knob.name] = value
        if problems:
            raise SettingsError("\n".join(f"{file}: {problem}" for problem in problems))
        return cls(**values)


class SettingsError(pulumi.RunError):
    """The stack's configuration cannot be used; the message names keys, values and file."""


def _key(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _value(kind: Any, text: str) -> Any:
    if kind is str:
        return text
    try:
        return json.loads(text)
    except ValueError:
        return text


def _is_a(kind: Any, value: object) -> bool:
    if kind == list[str]:
        return isinstance(value, list) and all(isinstance(each, str) for each in value)
    return type(value) is kind
