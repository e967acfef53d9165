"""Settings: the configuration of a stack as one typed object. Pulumi.yaml lists every setting."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

import pulumi

from components._blocks.log_retention import LOG_RETENTION_DAYS
from components._blocks.runtimes import ARCHITECTURES, PYTHONS
from components._blocks.web_origin import SIGN_IN_ORIGIN
from components.customer_managed_key import KEY_ARN
from components.permissions_boundary import POLICY_ARN

SYSTEMS = ("blog", "orders", "services", "telemetry", "todo", "videos")


def _setting(allowed: str, fits: Callable[[Any], bool], *, secret: bool = False) -> Any:
    """A field, with a description of its allowed values and the check for them.

    No error shows the value of a secret.
    """
    return field(metadata={"allowed": allowed, "fits": fits, "secret": secret}, repr=not secret)


def _one_of(*values: object) -> Any:
    return _setting("one of " + ", ".join(map(str, values)), lambda value: value in values)


def _between(low: int, high: int) -> Any:
    return _setting(f"a whole number from {low} to {high}", lambda value: low <= value <= high)


def _site() -> Any:
    return _setting(
        SIGN_IN_ORIGIN.form,
        lambda value: SIGN_IN_ORIGIN.problem(value) is None,
    )


@dataclass(frozen=True)
class Settings:
    """The settings of Pulumi.yaml, checked. The key `logRetentionDays` is `log_retention_days`."""

    systems: list[str] = _setting(
        "a list of " + ", ".join(SYSTEMS) + ", each once",
        lambda value: sorted(value) == sorted(set(value) & set(SYSTEMS)),
    )
    lambda_architecture: str = _one_of(*ARCHITECTURES)
    lambda_python: str = _one_of(*PYTHONS)
    log_retention_days: int = _one_of(*LOG_RETENTION_DAYS)
    retain_data: bool = _one_of(True, False)
    hosted_zone_id: str = _setting(
        "the ID of a Route 53 hosted zone, or empty",
        lambda value: re.fullmatch("[A-Z0-9]*", value) is not None,
    )
    alarm_email: str = _setting(
        "an email address, or empty", lambda value: not value or "@" in value[1:-1]
    )
    permissions_boundary_arn: str = _setting(
        "the ARN of an IAM policy, or empty",
        lambda value: not value or POLICY_ARN.problem(value) is None,
    )
    kms_key_arn: str = _setting(
        "the ARN of a KMS key, or empty",
        lambda value: not value or KEY_ARN.problem(value) is None,
    )
    orders_archive_retention_days: int = _between(1, 3650)
    orders_resend_after_minutes: int = _between(1, 1440)
    services_egress: str = _one_of("public", "nat")
    services_standby: bool = _one_of(True, False)
    telemetry_stream: bool = _one_of(True, False)
    telemetry_site_url: str = _site()
    telemetry_allowed_addresses: list[str] = _setting(
        "a list of CIDR ranges such as 203.0.113.0/24",
        lambda value: all("/" in each for each in value),
    )
    blog_site_url: str = _site()
    blog_title: str = _setting("a name of 1 to 60 characters", lambda value: 0 < len(value) <= 60)
    blog_from_address: str = _setting("an email address", lambda value: "@" in value[1:-1])
    blog_replica_regions: list[str] = _setting(
        "a list of AWS regions", lambda value: len(set(value)) == len(value)
    )
    blog_cached: bool = _one_of(True, False)
    blog_web_acl: str = _one_of("off", "count", "block")
    blog_origin_secrets: list[str] = _setting(
        "a list of up to two secrets of 32 to 128 characters each",
        lambda value: len(value) <= 2 and all(32 <= len(each) <= 128 for each in value),
        secret=True,
    )
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
        """Return the settings of the current stack.

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
        """Parse configuration values as Pulumi passes them: text, with lists as JSON.

        A stack that retains data is a production stack: it must not use addresses of this machine,
        nor examples.

        Args:
            given: value by key, without the name of the project.
            file: the file that contains them, for the error message.

        Raises:
            SettingsError: a key is unknown or missing, or a value has the wrong type, is not
                allowed, or does not suit the stack. The message lists all problems.
        """
        known = {_key(each.name): each for each in fields(cls)}
        problems = [
            f"'{key}' is not a setting of this platform; the settings are {', '.join(known)}"
            for key in sorted(given.keys() - known.keys())
        ]
        values: dict[str, Any] = {}
        for key, setting in known.items():
            if key not in given:
                problems.append(f"'{key}' is missing; give {setting.metadata['allowed']}")
                continue
            value = _value(setting.type, given[key])
            if not _is_a(setting.type, value) or not setting.metadata["fits"](value):
                found = "not valid" if setting.metadata["secret"] else json.dumps(value)
                problems.append(f"'{key}' is {found}; give {setting.metadata['allowed']}")
            values[setting.name] = value
        if not problems:
            settings = cls(**values)
            problems = [
                *settings._without_zone(),
                *settings._key_of_one_region(),
                *settings._without_web_acl(),
                *settings._not_for_production(),
            ]
        if problems:
            raise SettingsError("\n".join(f"{file}: {problem}" for problem in problems))
        return settings

    def _without_zone(self) -> Iterator[str]:
        """Yield the problems of names of one's own without a hosted zone."""
        for name in self._of_systems("_site_url"):
            if getattr(self, name).startswith("https://") and not self.hosted_zone_id:
                yield f"'{_key(name)}' is a name of your own; give 'hostedZoneId' for its records"

    def _without_web_acl(self) -> Iterator[str]:
        """Yield the problem of secrets that nothing checks."""
        if self.blog_origin_secrets and self.blog_web_acl == "off":
            yield "'blogOriginSecrets' has no effect; 'blogWebAcl' must be count or block with it"

    def _key_of_one_region(self) -> Iterator[str]:
        """Yield the problem of replicas, each of which would need a key in its region."""
        if "blog" in self.systems and self.blog_replica_regions and self.kms_key_arn:
            yield "'kmsKeyArn' is a key of one region; 'blogReplicaRegions' must be empty with it"

    def _not_for_production(self) -> Iterator[str]:
        """Yield the values that suit a stack for development only."""
        if not self.retain_data:
            return
        wanted: dict[str, str] = {}
        for name in self._of_systems("_url"):
            if not getattr(self, name).startswith("https://"):
                wanted[name] = "https://NAME, the address that its users open"
        if not self.alarm_email:
            wanted["alarm_email"] = "the email address that receives alarms"
        if "blog" in self.systems and self.blog_from_address == "hello@example.com":
            wanted["blog_from_address"] = "an address that SES may send from"
        if "telemetry" in self.systems and not self.telemetry_allowed_addresses:
            wanted["telemetry_allowed_addresses"] = "the networks that may open the page of reports"
        for name, value in wanted.items():
            found = json.dumps(getattr(self, name))
            yield f"'{_key(name)}' is {found}; a stack with 'retainData' needs {value}"

    def _of_systems(self, ending: str) -> list[str]:
        """Return the names of the settings with an ending, of the systems of this stack."""
        names = [each.name for each in fields(self) if each.name.endswith(ending)]
        return [name for name in names if name.split("_")[0] in self.systems]


class SettingsError(pulumi.RunError):
    """The configuration of the stack is invalid; the message names keys, values and file."""


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
