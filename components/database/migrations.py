"""Migrations: the functions that create logins and schema, and their call with each change."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pulumi
import pulumi_aws as aws

from .._blocks.access import allow
from .._blocks.alarms import Alarms
from .._blocks.function import Function, FunctionsArgs
from .._blocks.placement import PlacementArgs
from .servers import Server

_FILE = re.compile(r"\d{4}_[a-z0-9_]+\.sql")
_SECONDS = 900
"""The longest time that Lambda allows."""


class Migrations:
    """Two functions and their invocation. Adds no level to the URN.

    The function in the VPC reaches the database and no AWS service, for which it would need a NAT
    gateway or an interface endpoint. The function outside of it reads the secret and calls the
    other one with the password, which neither a log nor the stack's state contains.

    Args:
        name: prefix of the resources' names.
        parent: the component it belongs to.
        server: the database.
        network: the VPC of the database.
        client_group_id: security group that reaches the database.
        logins: roles to create.
        files: name and text of each migration.
        settings: see `FunctionsArgs`.
        alarms: creates the alarms of the functions.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        server: Server,
        network: PlacementArgs,
        client_group_id: pulumi.Input[str],
        logins: Sequence[str],
        files: Mapping[str, str],
        settings: FunctionsArgs,
        alarms: Alarms,
    ) -> None:
        apply = Function(
            f"{name}-apply",
            "database/apply",
            parent=parent,
            settings=settings,
            alarms=alarms,
            texts=[(f"migrations/{file}", text) for file, text in sorted(files.items())],
            environment={
                "DATABASE_HOST": server.host,
                "DATABASE_PORT": server.port.apply(lambda port: str(int(port))),
                "DATABASE_NAME": server.args["database_name"],
            },
            timeout=_SECONDS - 10,
            vpc={"subnet_ids": network["subnet_ids"], "security_group_ids": [client_group_id]},
        )
        migrate = Function(
            f"{name}-migrate",
            "database/migrate",
            parent=parent,
            settings=settings,
            alarms=alarms,
            access=[
                {
                    "environment": {
                        "SECRET_ARN": server.secret_arn,
                        "APPLY_FUNCTION": apply.function_name,
                    },
                    "statements": [
                        allow(["secretsmanager:GetSecretValue"], server.secret_arn),
                        allow(["lambda:InvokeFunction"], apply.arn),
                    ],
                }
            ],
            timeout=_SECONDS,
        )
        event = {
            "logins": list(logins),
            "migrations": {file: _digest(text) for file, text in sorted(files.items())},
            # Another database has neither logins nor schema.
            "resource_id": server.resource_id,
        }
        aws.lambda_.Invocation(
            f"{name}-migration",
            function_name=migrate.function_name,
            input=pulumi.Output.json_dumps(event),
            opts=pulumi.ResourceOptions(
                parent=parent, depends_on=[*server.instances, apply.function, migrate.function]
            ),
        )


def read_migrations(folder: str) -> dict[str, str]:
    """Return name and text of each migration of a folder.

    Raises:
        ValueError: there is no such folder, or a file in it cannot be a migration.
    """
    path = Path(folder)
    if not path.is_dir():
        raise ValueError(f"is '{folder}', which is not a folder")
    files = sorted(each for each in path.iterdir() if not each.name.startswith("."))
    if not files:
        raise ValueError(f"is '{folder}', which has no files: '0001_accounts.sql'")
    found: dict[str, str] = {}
    for each in files:
        if not _FILE.fullmatch(each.name):
            raise ValueError(f"has '{each.name}'; a name must be like '0001_accounts.sql'")
        number = each.name[:4]
        if any(name.startswith(number) for name in found):
            raise ValueError(f"has two files with the number {number}")
        try:
            text = each.read_text("utf-8")
        except UnicodeDecodeError:
            raise ValueError(f"has '{each.name}', which is not text in UTF-8") from None
        if not text.strip():
            raise ValueError(f"has '{each.name}', which is empty")
        found[each.name] = text
    return found


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
