"""The function that reads the secret, and passes the password on and nothing else."""

import io
import json
from types import SimpleNamespace

import pytest
from database.migrate.app import Migrate, MigrationFailed, Settings

SETTINGS = Settings("arn:secret", "apply")
EVENT = {"logins": ["app"], "migrations": {}, "resource_id": "db-1"}


class Clients:
    """Records what is asked, and answers."""

    def __init__(self, payload, **answer):
        self.asked = {}
        secret = json.dumps({"username": "manager", "password": "hidden"})

        def get_secret_value(SecretId):
            self.asked["secret"] = SecretId
            return {"SecretString": secret}

        def invoke(FunctionName, Payload):
            self.asked["function"], self.asked["event"] = FunctionName, json.loads(Payload)
            return {"Payload": io.BytesIO(json.dumps(payload).encode()), **answer}

        self.secretsmanager = SimpleNamespace(get_secret_value=get_secret_value)
        self.lambda_once = SimpleNamespace(invoke=invoke)


def test_the_other_function_gets_the_event_and_the_login():
    clients = Clients({"applied": ["0001_a.sql"]})
    assert Migrate(SETTINGS, clients).run(EVENT) == {"applied": ["0001_a.sql"]}
    assert clients.asked == {
        "secret": "arn:secret",
        "function": "apply",
        "event": {**EVENT, "user": "manager", "password": "hidden"},
    }


def test_a_failure_has_the_text_of_the_database():
    clients = Clients({"errorMessage": "0001_a.sql: no"}, FunctionError="Unhandled")
    with pytest.raises(MigrationFailed, match=r"^0001_a\.sql: no$"):
        Migrate(SETTINGS, clients).run(EVENT)
