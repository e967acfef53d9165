"""Settings: which values a stack may set, and the errors for others."""

import dataclasses
import json
from typing import Any

import pytest
import yaml

from components._blocks.runtimes import PYTHONS
from settings import SYSTEMS, Settings, SettingsError
from tests.projects import ROOT

PROJECT = yaml.safe_load((ROOT / "Pulumi.yaml").read_text())
KINDS = {"string": str, "integer": int, "boolean": bool, "array": list[str]}


def text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


DEFAULTS = {key: text(spec["default"]) for key, spec in PROJECT["config"].items()}
DEV = {**DEFAULTS, "retainData": "false"}
PROD = yaml.safe_load((ROOT / "Pulumi.prod.yaml").read_text())["config"]
OWN = {key.removeprefix("colonnade:"): value for key, value in PROD.items() if "aws:" not in key}


def problems(**overrides: Any) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        Settings.parse({**DEV, **{key: text(v) for key, v in overrides.items()}}, "Pulumi.dev.yaml")
    return str(caught.value).splitlines()


def test_pulumi_yaml_and_settings_have_the_same_settings_of_the_same_types():
    parsed = Settings.parse(DEV, "Pulumi.yaml")
    fields = {each.name: each.type for each in dataclasses.fields(Settings)}
    camel = {
        "".join([name.split("_")[0], *(w.capitalize() for w in name.split("_")[1:])]): kind
        for name, kind in fields.items()
    }
    assert camel == {key: KINDS[spec["type"]] for key, spec in PROJECT["config"].items()}
    assert parsed.systems == list(SYSTEMS) and parsed.log_retention_days == 30


def test_every_setting_is_described():
    assert all(spec["description"].endswith(".") for spec in PROJECT["config"].values())


def test_pulumi_yaml_names_every_system():
    assert all(system in PROJECT["config"]["systems"]["description"] for system in SYSTEMS)


@pytest.mark.parametrize("stack", ["dev", "prod"])
def test_stacks_set_only_what_differs(stack: str):
    config = yaml.safe_load((ROOT / f"Pulumi.{stack}.yaml").read_text())["config"]
    ours = {key: value for key, value in config.items() if key.startswith("colonnade:")}
    overrides = {key.removeprefix("colonnade:"): value for key, value in ours.items()}
    assert all(DEFAULTS[key] != text(value) for key, value in overrides.items())
    Settings.parse(
        {**DEFAULTS, **{k: text(v) for k, v in overrides.items()}}, f"Pulumi.{stack}.yaml"
    )


def test_settings_are_frozen():
    settings = Settings.parse(DEV, "Pulumi.yaml")
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.retain_data = False  # type: ignore[misc]


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        ({"systems": ["orders", "oders"]}, '\'systems\' is ["orders", "oders"]; give a list of'),
        ({"systems": ["orders", "orders"]}, "each once"),
        ({"systems": "orders"}, "'systems' is \"orders\"; give a list of blog, "),
        ({"systems": [1]}, "'systems' is [1]"),
        ({"logRetentionDays": "thirty"}, "'logRetentionDays' is \"thirty\"; give one of 1, 3, 5"),
        ({"logRetentionDays": 8}, "'logRetentionDays' is 8; give one of"),
        ({"logRetentionDays": True}, "'logRetentionDays' is true"),
        ({"retainData": "yes"}, "'retainData' is \"yes\"; give one of True, False"),
        ({"retainData": 1}, "'retainData' is 1"),
        ({"lambdaArchitecture": "arm"}, "give one of arm64, x86_64"),
        ({"lambdaPython": "2.7"}, f"give one of {', '.join(PYTHONS)}"),
        (
            {"ordersArchiveRetentionDays": 0},
            "'ordersArchiveRetentionDays' is 0; give a whole number from 1 to 3650",
        ),
        ({"ordersArchiveRetentionDays": 1.5}, "'ordersArchiveRetentionDays' is 1.5"),
        ({"ordersResendAfterMinutes": 1441}, "from 1 to 1440"),
        ({"todoSiteUrl": "http://example.com"}, "give an origin in lowercase"),
        ({"todoSiteUrl": "https://example.com/app"}, "without a path"),
        ({"blogSiteUrl": "https://*.example.com"}, "such as 'https://example.com'"),
        ({"blogSiteUrl": "https://Example.com"}, "in lowercase"),
        ({"videosAppUrl": "https://example.com:443"}, "or the default port"),
        ({"alarmEmail": "nobody"}, "give an email address, or empty"),
        ({"logRetention": 30}, "'logRetention' is not a setting of this platform"),
    ],
)
def test_an_invalid_value_is_rejected_with_key_value_and_file(
    overrides: dict[str, Any], message: str
):
    (problem,) = problems(**overrides)
    assert message in problem
    assert problem.startswith("Pulumi.dev.yaml: ")


def test_all_problems_are_reported_at_once():
    assert len(problems(systems=["x"], retainData="x", nonsense="x")) == 3


def test_a_missing_setting_is_named():
    with pytest.raises(SettingsError, match="'retainData' is missing; give one of True, False"):
        Settings.parse({k: v for k, v in DEV.items() if k != "retainData"}, "Pulumi.dev.yaml")


@pytest.mark.parametrize(
    ("key", "value", "needs"),
    [
        ("alarmEmail", "", "the email address that receives alarms"),
        ("todoSiteUrl", "http://localhost:8080", "https://NAME"),
        ("telemetrySiteUrl", "http://localhost:8081", "https://NAME"),
        ("telemetryAllowedAddresses", [], "the networks"),
        ("blogSiteUrl", "http://localhost:8082", "https://NAME"),
        ("blogFromAddress", "hello@example.com", "an address that SES may send from"),
        ("videosAppUrl", "http://localhost:8083", "https://NAME"),
    ],
)
def test_a_stack_that_retains_data_refuses_values_for_development(
    key: str, value: object, needs: str
):
    prod = {**OWN, "retainData": True}
    (problem,) = problems(**{**prod, key: value})
    assert f"'{key}' is {json.dumps(value)}; a stack with 'retainData' needs {needs}" in problem
    Settings.parse({**DEV, **{k: text(v) for k, v in {**OWN, key: value}.items()}}, "Pulumi.x.yaml")


def test_only_settings_of_the_systems_of_a_stack_are_checked():
    (problem,) = problems(systems=["orders"], retainData=True)
    assert "'alarmEmail'" in problem


def test_replicas_exclude_a_key_of_one_region():
    key = "arn:aws:kms:us-east-1:123456789012:key/x"
    (problem,) = problems(kmsKeyArn=key, blogReplicaRegions=["eu-west-1"])
    assert "'kmsKeyArn' is a key of one region; 'blogReplicaRegions' must be empty" in problem
    (problem,) = problems(kmsKeyArn="alias/data")
    assert "'kmsKeyArn' is \"alias/data\"; give the ARN of a KMS key, or empty" in problem


def test_names_of_ones_own_require_a_hosted_zone():
    (problem,) = problems(todoSiteUrl="https://todo.example.com")
    assert "'todoSiteUrl' is a name of your own; give 'hostedZoneId'" in problem


def test_secrets_of_the_blog_are_checked_and_not_shown():
    (problem,) = problems(blogOriginSecrets=["s" * 32])
    assert "'blogOriginSecrets' has no effect; 'blogWebAcl' must be count or block" in problem
    for secrets in (["hunter2"], ["s" * 32, "t" * 32, "hunter2" * 5], "hunter2"):
        (problem,) = problems(blogOriginSecrets=secrets, blogWebAcl="block")
        assert "'blogOriginSecrets' is not valid; give a list of up to two secrets" in problem
        assert "hunter2" not in problem
    given = {**DEV, "blogWebAcl": "block", "blogOriginSecrets": text(["s" * 32])}
    settings = Settings.parse(given, "Pulumi.dev.yaml")
    assert settings.blog_origin_secrets == ["s" * 32] and "s" * 32 not in repr(settings)
