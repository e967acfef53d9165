"""Databases and caches of the emulator, and roles that log in to them."""

import json
import socket
from contextlib import contextmanager

import boto3
import iam_token
import pg8000.native
from cache import Cache
from cache.client import Settings as CacheSettings
from postgres import Database, Settings

from tests.emulator.cloud import allow, until

ACCOUNT, REGION = "000000000000", "us-east-1"


class Stores:
    """Creates stores with boto3, as a program does."""

    def __init__(self, cloud):
        self.cloud = cloud
        self.rds, self.elasticache = cloud.client("rds"), cloud.client("elasticache")
        self._clients = []

    def close(self):
        """Close the connections of all clients."""
        for each in self._clients:
            each.close()
        self._clients.clear()

    @property
    def authority(self):
        return str(next(self.cloud.emulator.server_log.parent.rglob("authority.pem")))

    def database(self, name="ledger"):
        """Return a new instance when it is available."""
        self.rds.create_db_instance(
            DBInstanceIdentifier=name,
            DBInstanceClass="db.t4g.micro",
            Engine="postgres",
            AllocatedStorage=20,
            DBName="ledger",
            MasterUsername="manager",
            ManageMasterUserPassword=True,
            EnableIAMDatabaseAuthentication=True,
        )
        return until(lambda: self._available(name), 60)

    def _available(self, name):
        (found,) = self.rds.describe_db_instances(DBInstanceIdentifier=name)["DBInstances"]
        return found if found["DBInstanceStatus"] == "available" else None

    def settings(self, instance, user="app"):
        endpoint = instance["Endpoint"]
        return Settings(endpoint["Address"], endpoint["Port"], "ledger", user, self.authority)

    def secret(self, described):
        client = self.cloud.client("secretsmanager")
        arn = described["MasterUserSecret"]["SecretArn"]
        return json.loads(client.get_secret_value(SecretId=arn)["SecretString"])

    def client(self, settings, **arguments):
        """Return a client that logs in with a token, or with a given password."""
        made = Database(settings, **arguments)
        self._clients.append(made)
        return made

    def app(self, instance, user="app", **arguments):
        """Return a client that logs in with a token."""
        return self.client(self.settings(instance, user), **arguments)

    def manager(self, instance, **arguments):
        """Return a client with the password of the master user."""
        secret = self.secret(instance)
        settings = self.settings(instance, secret["username"])
        return self.client(settings, password=lambda _: secret["password"], **arguments)

    def cache(self, name="prices", user="prices-app", access="on ~* +@all -@dangerous"):
        """Return a new cache with a user when it is available."""
        self.elasticache.create_user(
            UserId=user,
            UserName=user,
            Engine="valkey",
            AccessString=access,
            AuthenticationMode={"Type": "iam"},
        )
        self.elasticache.create_user_group(UserGroupId=name, Engine="valkey", UserIds=[user])
        self.elasticache.create_serverless_cache(
            ServerlessCacheName=name, Engine="valkey", MajorEngineVersion="9", UserGroupId=name
        )
        return until(lambda: self._available_cache(name), 60)

    def _available_cache(self, name):
        described = self.elasticache.describe_serverless_caches(ServerlessCacheName=name)
        (found,) = described["ServerlessCaches"]
        return found if found["Status"] == "available" else None

    def cache_settings(self, cache, user="prices-app"):
        endpoint, name = cache["Endpoint"], cache["ServerlessCacheName"]
        return CacheSettings(endpoint["Address"], endpoint["Port"], user, name, self.authority)

    def cache_client(self, cache, user="prices-app", **settings):
        made = Cache(self.cache_settings(cache, user), **settings)
        self._clients.append(made)
        return made

    def cache_process(self):
        """Return the process ID of the only cache, which only an administrator may ask for."""
        (found,) = self.cloud.emulator.server_log.parent.rglob("stores/*/v")
        with socket.socket(socket.AF_UNIX) as admin:
            admin.connect(str(found))
            admin.sendall(b"INFO server\r\n")
            text = admin.recv(65536).decode()
        (line,) = [each for each in text.splitlines() if each.startswith("process_id:")]
        return int(line.partition(":")[2])

    def role(self, name, *statements):
        """Return the credentials of a role."""
        arn = self.cloud.role(name, *statements)
        made = self.cloud.client("sts").assume_role(RoleArn=arn, RoleSessionName="test")
        return made["Credentials"]


def connects(instance, user="app"):
    """The right to log in to a database as a user."""
    resource = f"dbuser:{instance['DbiResourceId']}/{user}"
    return allow("rds-db:connect", f"arn:aws:rds-db:{REGION}:{ACCOUNT}:{resource}")


def uses(cache="prices", user="prices-app"):
    """The right to log in to a cache as a user."""
    start = f"arn:aws:elasticache:{REGION}:{ACCOUNT}"
    return allow(
        "elasticache:Connect", [f"{start}:serverlesscache:{cache}", f"{start}:user:{user}"]
    )


@contextmanager
def acting_as(credentials, monkeypatch):
    """Sign tokens with credentials."""
    session = boto3.Session(
        credentials["AccessKeyId"],
        credentials["SecretAccessKey"],
        credentials["SessionToken"],
        region_name=REGION,
    )
    with monkeypatch.context() as patched:
        patched.setenv("AWS_REGION", REGION)
        patched.setattr(iam_token, "_session", lambda: session)
        yield


def admit(manager, user="app"):
    """Create a role that logs in with tokens."""
    quoted = pg8000.native.identifier(user)
    manager.run(f"CREATE ROLE {quoted} LOGIN")
    manager.run(f"GRANT rds_iam TO {quoted}")
