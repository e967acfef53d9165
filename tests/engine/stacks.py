"""Stacks of a copy of the platform, driven by the real Pulumi CLI."""

import json
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from local.emulator.clients import Clients

ROOT = Path(__file__).parents[2]
PARTS = ("__main__.py", "settings.py", "components", "handlers", "apis", "schemas", "site")
CLI = shutil.which("pulumi") or shutil.which("pulumi", path=str(ROOT / ".colonnade/engine/bin"))
LISTS = (
    ("lambda", "list_functions", "Functions"),
    ("lambda", "list_event_source_mappings", "EventSourceMappings"),
    ("dynamodb", "list_tables", "TableNames"),
    ("sqs", "list_queues", "QueueUrls"),
    ("sns", "list_topics", "Topics"),
    ("s3", "list_buckets", "Buckets"),
    ("iam", "list_roles", "Roles"),
    ("logs", "describe_log_groups", "logGroups"),
    ("cloudwatch", "describe_alarms", "MetricAlarms"),
    ("cloudwatch", "list_dashboards", "DashboardEntries"),
    ("events", "list_archives", "Archives"),
    ("apigateway", "get_rest_apis", "items"),
    ("apigateway", "get_api_keys", "items"),
    ("apigateway", "get_usage_plans", "items"),
    ("scheduler", "list_schedules", "Schedules"),
    ("kinesis", "list_streams", "StreamNames"),
    ("firehose", "list_delivery_streams", "DeliveryStreamNames"),
    ("glue", "get_databases", "DatabaseList"),
    ("iot", "list_topic_rules", "rules"),
    ("iot", "list_policies", "policies"),
    ("secretsmanager", "list_secrets", "SecretList"),
    ("sesv2", "list_email_identities", "EmailIdentities"),
    ("sesv2", "list_configuration_sets", "ConfigurationSets"),
    ("ses", "list_templates", "TemplatesMetadata"),
)
OURS = "using pulumi-resource-aws from $PATH"
PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True)
class Done:
    """What one operation did."""

    succeeded: bool
    printed: str
    steps: dict[str, list[str]]
    messages: list[list[str]]

    @property
    def changes(self) -> dict[str, str]:
        """What was done to each resource that did not stay as it was, by name."""
        return {
            urn.rsplit("::", 1)[-1]: "/".join(steps)
            for urn, steps in self.steps.items()
            if set(steps) - {"same", "refresh", "read"}
        }

    @property
    def troubles(self) -> list[str]:
        """Its warnings and errors, but that our own provider is on PATH."""
        return [
            text
            for severity, text in self.messages
            if severity in ("warning", "error") and OURS not in text
        ]


class Account:
    """A Pulumi home, its state and one AWS account, shared by the stacks in it."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        """`folder` is empty, `endpoint` the emulator's address."""
        assert CLI
        self.folder = folder
        self._clients = Clients(endpoint)
        self.state = folder / "state"
        """Where Pulumi keeps the state of all stacks, with backups and history."""
        self.state.mkdir()
        plugins = folder / "plugins"
        plugins.mkdir()
        plugin = plugins / "pulumi-resource-aws"
        plugin.write_text(
            f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -P -m local.provider "$@"\n'
        )
        plugin.chmod(0o755)
        foreign = ("AWS_", "PULUMI_", "PYTHON")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        self.environment = {
            **kept,
            "PATH": os.pathsep.join((str(plugins), str(Path(CLI).parent), os.environ["PATH"])),
            "COLONNADE_ENDPOINT": endpoint,
            "PULUMI_HOME": str(folder / "home"),
            "PULUMI_BACKEND_URL": self.state.as_uri(),
            "PULUMI_CONFIG_PASSPHRASE": PASSPHRASE,
            "PULUMI_SKIP_UPDATE_CHECK": "true",
            # The state is written once, not after each of the resources.
            "PULUMI_EXPERIMENTAL": "true",
            "PULUMI_SKIP_CHECKPOINTS": "true",
            "PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION": "true",
        }

    def client(self, service: str) -> Any:
        """A boto3 client of the administrator."""
        return self._clients.get(service, "us-east-1", {})

    def leftovers(self) -> list[str]:
        """What is in the account, of the kinds that cost or that a second deploy would meet."""
        found: list[str] = []
        for service, operation, key in LISTS:
            found += map(str, getattr(self.client(service), operation)().get(key, []))
        pools = self.client("cognito-idp").list_user_pools(MaxResults=60)["UserPools"]
        federated = self.client("cognito-identity").list_identity_pools(MaxResults=60)
        edge = self.client("cloudfront")
        at_edge = [
            *edge.list_distributions()["DistributionList"].get("Items", []),
            *edge.list_functions()["FunctionList"].get("Items", []),
            *edge.list_key_value_stores()["KeyValueStoreList"].get("Items", []),
            *edge.list_public_keys()["PublicKeyList"].get("Items", []),
        ]
        return found + list(map(str, [*pools, *federated["IdentityPools"], *at_edge]))

    def checkout(self, name: str, tag: str | None = None) -> "Checkout":
        """A fresh copy of the platform, as it is or as it was at a tag."""
        return Checkout(self, self.folder / name, tag)


class Checkout:
    """A copy of the platform in a folder of its own."""

    def __init__(self, account: Account, folder: Path, tag: str | None) -> None:
        self._account = account
        self.folder = folder
        folder.mkdir()
        if tag is None:
            _copy(folder)
        else:
            _extract(tag, folder)
        for built in ("bundles", "packages"):
            if (ROOT / ".colonnade" / built).is_dir():  # building them again would take a minute
                _link(ROOT / ".colonnade" / built, folder / ".colonnade" / built)

    def cli(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Runs the CLI itself, for what needs no program."""
        return subprocess.run(
            ["pulumi", *arguments, "--non-interactive", "--color=never"],
            cwd=self.folder,
            env=self._account.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
        )

    def configure(self, stack: str, **knobs: Any) -> None:
        """Sets knobs of a stack, which starts as a copy of dev where there is none."""
        file = self.folder / f"Pulumi.{stack}.yaml"
        source = file if file.exists() else self.folder / "Pulumi.dev.yaml"
        content = yaml.safe_load(source.read_text())
        content["config"] |= {f"colonnade:{key}": value for key, value in knobs.items()}
        arm = platform.machine().lower() in ("arm64", "aarch64")
        content["config"]["colonnade:lambdaArchitecture"] = "arm64" if arm else "x86_64"
        content["config"]["colonnade:lambdaPython"] = "{}.{}".format(*sys.version_info)
        file.write_text(yaml.safe_dump(content))

    def run(self, stack: str, operation: str, **options: bool) -> Done:
        """Runs one operation of the CLI to its end."""
        told, printed = self._operate(stack, operation, options)
        return Done(told["succeeded"], printed, told["steps"], told["messages"])

    def export(self, stack: str) -> dict[str, Any]:
        """The stack's state."""
        return self._operate(stack, "export", {})[0]

    def _operate(
        self, stack: str, operation: str, options: dict[str, bool]
    ) -> tuple[dict[str, Any], str]:
        result = self.folder / "result.json"
        result.unlink(missing_ok=True)
        done = subprocess.run(
            [
                *(sys.executable, ROOT / "tests/engine/operate.py", stack, operation, result),
                *(f"{key}={str(value).lower()}" for key, value in options.items()),
            ],
            cwd=self.folder,
            env=self._account.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=600,
        )
        assert result.exists(), done.stdout
        return json.loads(result.read_text()), done.stdout


def _copy(folder: Path) -> None:
    for part in PARTS:
        copy = shutil.copytree if (ROOT / part).is_dir() else shutil.copy
        copy(ROOT / part, folder / part)
    for file in ROOT.glob("Pulumi*.yaml"):
        shutil.copy(file, folder)


def _extract(tag: str, folder: Path) -> None:
    archive = folder.with_suffix(".tar")
    subprocess.run(["git", "archive", f"--output={archive}", tag], cwd=ROOT, check=True)
    shutil.unpack_archive(archive, folder)


def _link(source: Path, target: Path) -> None:
    """Copies a folder without copying its content; nothing there is written in place."""
    try:
        shutil.copytree(source, target, copy_function=os.link)
    except shutil.Error:  # the temporary folder is on another disk
        shutil.copytree(source, target, dirs_exist_ok=True)
