"""Reads the password of a database's master user and lets the function in the VPC use it."""

import json
from dataclasses import dataclass
from typing import Any

import environment
from aws_clients import Clients


class MigrationFailed(Exception):
    """A login or a migration failed; the text is that of the database."""


@dataclass(frozen=True)
class Settings:
    """The environment."""

    secret_arn: str
    apply_function: str


class Migrate:
    """The function, with its clients."""

    def __init__(self, settings: Settings, clients: Clients) -> None:
        self._settings, self._clients = settings, clients

    def run(self, event: dict[str, Any]) -> dict[str, Any]:
        """Call the other function and return its result. Raises MigrationFailed."""
        stored = self._clients.secretsmanager.get_secret_value(SecretId=self._settings.secret_arn)
        secret = json.loads(stored["SecretString"])
        login = {"user": secret["username"], "password": secret["password"]}
        answer = self._clients.lambda_once.invoke(
            FunctionName=self._settings.apply_function, Payload=json.dumps({**event, **login})
        )
        result: dict[str, Any] = json.loads(answer["Payload"].read())
        if answer.get("FunctionError"):
            raise MigrationFailed(result.get("errorMessage", "the function ended without a reason"))
        return result


_made: list[Migrate] = []


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Create logins and run migrations.

    Args:
        event: `logins`, names of roles; `migrations`, the digest of each file by its name.

    Returns:
        `logins`, the roles; `applied`, the names of the migrations that were run now.
    """
    if not _made:
        _made.append(Migrate(environment.read(Settings), Clients()))
    return _made[0].run(event)
