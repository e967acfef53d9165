"""An AWS account with a Pulumi home of its own, and what operations of the CLI did in it."""

import os
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator.clients import Clients

ROOT = Path(__file__).parents[2]
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
OURS = re.compile(r"using pulumi-resource-(aws|colonnade) from \$PATH")
PASSPHRASE = "correct horse battery staple"


@dataclass(frozen=True)
class Done:
    """What one operation did."""

    succeeded: bool
    printed: str
    steps: dict[str, list[str]]
    messages: list[list[str]]
    outputs: dict[str, Any]

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
        """Its warnings and errors, but that our own plugins are on PATH."""
        return [
            text
            for severity, text in self.messages
            if severity in ("warning", "error") and not OURS.match(text)
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
        self.plugins = folder / "plugins"
        """Where the engine finds our plugins."""
        self.plugins.mkdir()
        # The components are a plugin as they are; Pulumi's language host starts it this way, too.
        commands = {"aws": "-P -m local.provider", "colonnade": f"-u {ROOT / 'components'}"}
        for name, command in commands.items():
            plugin = self.plugins / f"pulumi-resource-{name}"
            root = f"PYTHONPATH={ROOT} " if name == "aws" else ""
            plugin.write_text(f'#!/bin/sh\n{root}exec {sys.executable} {command} "$@"\n')
            plugin.chmod(0o755)
        foreign = ("AWS_", "PULUMI_", "PYTHON")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        self.environment = {
            **kept,
            "PATH": os.pathsep.join((str(self.plugins), str(Path(CLI).parent), os.environ["PATH"])),
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
