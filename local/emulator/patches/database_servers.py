"""PostgreSQL databases are real servers, with TLS, IAM logins and a managed master password.

Stock 1.5.33 runs databases with Docker only: without it, an instance is available at once at
`localhost:5432`, where nothing listens. An instance has no managed secret, only a cluster has one.
IAM logins exist for MySQL only.

AWS: "IAM database authentication for MariaDB, MySQL, and PostgreSQL", "Password management with
Amazon RDS and AWS Secrets Manager". `rds.force_ssl` is always on here. A cluster has one server
for all its instances.

ministack has fixed this when tests/emulator/test_database_servers.py passes with
`unpatched=("database_servers",)`.
"""

import hmac
import json
from collections.abc import Callable
from typing import Any

from ministack.core.concurrency import spawn_background
from ministack.core.responses import get_account_id, get_region, new_uuid
from ministack.services import rds, secretsmanager

from ..services.stores.authority import ADDRESS
from ..services.stores.front import Check
from ..services.stores.postgres import PostgresServer
from ..services.stores.stores import STORES
from ..services.stores.tokens import Scope, TokenError, check_database_token
from . import Server

ENGINES = ("postgres", "aurora-postgresql")
Record = dict[str, Any]
Action = Callable[[Any], Any]


def apply(server: Server) -> None:
    STORES.use(server.folder.temporary / "stores")
    actions, reset = rds._ACTION_MAP, rds.reset
    for name, wrap in (
        ("CreateDBInstance", _create_instance),
        ("DeleteDBInstance", _delete_instance),
        ("CreateDBCluster", _create_cluster),
        ("DeleteDBCluster", _delete_cluster),
    ):
        actions[name] = wrap(actions[name])
    _show_secrets()

    def reset_all() -> None:
        reset()
        STORES.clear()

    rds.reset = reset_all


def _create_instance(create: Action) -> Action:
    def create_instance(params: Any) -> Any:
        if rds._p(params, "DBClusterIdentifier") or rds._p(params, "Engine") != "postgres":
            return create(params)
        managed = rds._p(params, "ManageMasterUserPassword") == "true"
        if managed:
            password = rds._generate_master_user_password()
            params = {**params, "MasterUserPassword": [password]}
        answer = create(params)
        if answer[0] != 200:
            return answer
        instance = rds._instances[rds._p(params, "DBInstanceIdentifier")]
        if managed:
            instance["MasterUserSecret"] = _new_secret(instance)
        name = rds._p(params, "DBName")
        instance["DBInstanceStatus"] = "creating"
        scope = get_account_id(), get_region()
        address = f"instance-{instance['DBInstanceIdentifier']}"
        spawn_background(_start_instance, instance, name, scope, thread_name=address)
        return rds._single_instance_response(
            "CreateDBInstanceResponse", "CreateDBInstanceResult", instance
        )

    return create_instance


def _start_instance(instance: Record, name: str, scope: Scope) -> None:
    port = _start(instance, instance["DBInstanceArn"], name, scope, instance["DbiResourceId"])
    instance["Endpoint"].update(Address=ADDRESS, Port=port)
    instance["DBInstanceStatus"] = "available"


def _create_cluster(create: Action) -> Action:
    def create_cluster(params: Any) -> Any:
        answer = create(params)
        identifier = rds._p(params, "DBClusterIdentifier")
        cluster = rds._clusters.get(identifier)
        if answer[0] != 200 or cluster["Engine"] not in ENGINES:
            return answer
        scope = get_account_id(), get_region()
        cluster["Status"] = "creating"
        cluster["_shared_endpoint"] = {"Address": ADDRESS, "Port": 0, "HostedZoneId": "Z2R2ITU"}
        spawn_background(_start_cluster, cluster, scope, thread_name=f"cluster-{identifier}")
        body = f"<DBCluster>{rds._cluster_xml(cluster)}</DBCluster>"
        result = f"<CreateDBClusterResult>{body}</CreateDBClusterResult>"
        return rds._xml(200, "CreateDBClusterResponse", result)

    return create_cluster


def _start_cluster(cluster: Record, scope: Scope) -> None:
    name = cluster["DatabaseName"] or ""
    resource = cluster["DbClusterResourceId"]
    port = _start(cluster, cluster["DBClusterArn"], name, scope, resource)
    cluster["_shared_endpoint"]["Port"] = port
    cluster.update(Endpoint=ADDRESS, ReaderEndpoint=ADDRESS, Port=port, Status="available")


def _start(record: Record, arn: str, name: str, scope: Scope, resource_id: str) -> int:
    """Start the server of an instance or a cluster and return its port."""

    def check(server: PostgresServer) -> Check:
        def problem(user: str, password: str) -> str | None:
            if user == record["MasterUsername"]:
                # It is read for each login, because it can be rotated.
                right = record["_MasterUserPassword"].encode()
                same = hmac.compare_digest(password.encode(), right)
                return None if same else "wrong password"
            if not record["IAMDatabaseAuthenticationEnabled"]:
                return "IAM logins are not enabled"
            if not server.allows_tokens(user):
                return "there is no such user that is a member of rds_iam"
            try:
                check_database_token(
                    password,
                    scope=scope,
                    host=ADDRESS,
                    port=ports[0],
                    user=user,
                    resource_id=resource_id,
                )
            except TokenError as error:
                return str(error)
            return None

        return problem

    ports: list[int] = []
    ports.append(
        STORES.start_database(arn, master=record["MasterUsername"], name=name, check=check)
    )
    return ports[0]


def _delete_instance(delete: Action) -> Action:
    def delete_instance(params: Any) -> Any:
        instance = rds._resolve_instance(rds._p(params, "DBInstanceIdentifier"))
        answer = delete(params)
        if answer[0] == 200 and instance:
            STORES.stop(instance["DBInstanceArn"])
            if not instance.get("DBClusterIdentifier"):
                _delete_secret(instance)
        return answer

    return delete_instance


def _delete_cluster(delete: Action) -> Action:
    def delete_cluster(params: Any) -> Any:
        cluster = rds._clusters.get(rds._p(params, "DBClusterIdentifier"))
        answer = delete(params)
        if answer[0] == 200 and cluster:
            STORES.stop(cluster["DBClusterArn"])
        return answer

    return delete_cluster


def _new_secret(instance: Record) -> dict[str, str]:
    """Create the secret of an instance's master user, as ministack does for a cluster's."""
    content = {
        "username": instance["MasterUsername"],
        "password": instance["_MasterUserPassword"],
    }
    arn = secretsmanager.create_secret_in_process(
        f"rds!db-{new_uuid()}",
        json.dumps(content),
        description=f"Secret managed by RDS for {instance['DBInstanceIdentifier']}",
    )
    return {"SecretArn": arn, "SecretStatus": "active"}


def _delete_secret(instance: Record) -> None:
    if secret := instance.get("MasterUserSecret"):
        secretsmanager.delete_secret_in_process(secret["SecretArn"])


def _show_secrets() -> None:
    """Describe the secret of an instance's master user."""
    stock = rds._instance_xml

    def instance_xml(instance: Record) -> str:
        shown: str = stock(instance)
        secret = instance.get("MasterUserSecret") or {}
        fields = "".join(f"<{name}>{value}</{name}>" for name, value in secret.items())
        return f"{shown}<MasterUserSecret>{fields}</MasterUserSecret>" if secret else shown

    rds._instance_xml = instance_xml
