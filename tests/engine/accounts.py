"""An AWS account with its own Pulumi home, and the results of CLI operations in it."""

import os
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.emulator.clients import Clients
from local.provider.stack import add_plugin, environment

ROOT = Path(__file__).parents[2]
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
HARMLESS = re.compile(
    r"using pulumi-resource-(aws|colonnade) from \$PATH"
    # Pulumi gives all plugins of a finished operation five seconds to acknowledge its end, which is
    # too short on a busy machine. If a plugin crashes earlier, the operation fails.
    r"|Detected that \S+ exited prematurely"
)


@dataclass(frozen=True)
class Done:
    """The result of one operation."""

    succeeded: bool
    printed: str
    steps: dict[str, list[str]]
    messages: list[list[str]]
    outputs: dict[str, Any]

    @property
    def changes(self) -> dict[str, str]:
        """The steps of each changed resource, by name."""
        return {
            urn.rsplit("::", 1)[-1]: "/".join(steps)
            for urn, steps in self.steps.items()
            if set(steps) - {"same", "refresh", "read"}
        }

    @property
    def troubles(self) -> list[str]:
        """The warnings and errors, without the harmless ones about our plugins."""
        return [
            text
            for severity, text in self.messages
            if severity in ("warning", "error") and not HARMLESS.match(text)
        ]


class Account:
    """A Pulumi home, its state and one AWS account, shared by the stacks in it."""

    def __init__(self, folder: Path, endpoint: str, secret: str) -> None:
        """`folder` is empty; `endpoint` and `secret` are the emulator's."""
        self.folder = folder
        self._clients = Clients(endpoint, secret)
        self.state = folder / "state"
        """The folder with the state of all stacks, with backups and history."""
        self.plugins = folder / "plugins"
        """The folder with our plugins."""
        foreign = ("AWS_", "PULUMI_", "PYTHON")
        kept = {key: value for key, value in os.environ.items() if not key.startswith(foreign)}
        self.environment = {**kept, **environment(folder, endpoint, secret)}
        # The components are a plugin. Pulumi's language host starts it in the same way.
        add_plugin(self.plugins, "colonnade", f"exec {sys.executable} -u {ROOT / 'components'}")

    def client(self, service: str) -> Any:
        """Return a boto3 client of the administrator."""
        return self._clients.get(service, "us-east-1", {})

    def leftovers(self) -> list[str]:
        """Return the account's resources of types that cost money or conflict with a new deploy."""
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
