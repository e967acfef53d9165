"""PostgreSQL databases of RDS and Aurora, which are servers of this machine."""

import time
from collections.abc import Callable
from typing import Any

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, Outputs, Update, creates, state_only

SERVICE = "rds"
_START_SECONDS = 120
_PROVIDER_ONLY = (
    "allowMajorVersionUpgrade",
    "applyImmediately",
    "deleteAutomatedBackups",
    "finalSnapshotIdentifier",
    "skipFinalSnapshot",
)


@creates(
    "aws:rds/subnetGroup:SubnetGroup",
    update=Update(state_only, replaced_by=("name",), changes=("description", "subnetIds")),
    delete=Call(SERVICE, "delete_db_subnet_group", DBSubnetGroupName="name"),
)
def subnet_group(context: Context, inputs: Inputs) -> Created:
    """The subnets of a database."""
    name = context.named(inputs).lower()
    about = inputs.get("description", "Managed by Pulumi")
    made = context.call(
        SERVICE,
        "create_db_subnet_group",
        inputs,
        {},
        ("name", "description"),
        DBSubnetGroupName=name,
        DBSubnetGroupDescription=about,
    )["DBSubnetGroup"]
    return name, {"name": name, "arn": made["DBSubnetGroupArn"], "vpcId": made.get("VpcId", "")}


def _parameters(inputs: Inputs) -> list[dict[str, Any]]:
    return [
        {
            "ParameterName": each["name"],
            "ParameterValue": each["value"],
            "ApplyMethod": each.get("applyMethod", "immediate"),
        }
        for each in inputs.get("parameters", ())
    ]


def _update_parameters(context: Context, name: str, inputs: Inputs) -> Outputs:
    client = context.client(SERVICE)
    client.modify_db_parameter_group(DBParameterGroupName=name, Parameters=_parameters(inputs))
    return {}


@creates(
    "aws:rds/parameterGroup:ParameterGroup",
    update=Update(
        _update_parameters, replaced_by=("description", "family", "name"), changes=("parameters",)
    ),
    delete=Call(SERVICE, "delete_db_parameter_group", DBParameterGroupName="name"),
)
def parameter_group(context: Context, inputs: Inputs) -> Created:
    """The parameters of an instance. The server here does not read them; TLS is always required."""
    name = context.named(inputs).lower()
    made = context.call(
        SERVICE,
        "create_db_parameter_group",
        inputs,
        {"family": "DBParameterGroupFamily"},
        ("name", "parameters"),
        DBParameterGroupName=name,
    )["DBParameterGroup"]
    if inputs.get("parameters"):
        _update_parameters(context, name, inputs)
    return name, {"name": name, "arn": made["DBParameterGroupArn"]}


def _update_cluster_parameters(context: Context, name: str, inputs: Inputs) -> Outputs:
    client = context.client(SERVICE)
    client.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName=name, Parameters=_parameters(inputs)
    )
    return {}


@creates(
    "aws:rds/clusterParameterGroup:ClusterParameterGroup",
    update=Update(
        _update_cluster_parameters,
        replaced_by=("description", "family", "name"),
        changes=("parameters",),
    ),
    delete=Call(SERVICE, "delete_db_cluster_parameter_group", DBClusterParameterGroupName="name"),
)
def cluster_parameter_group(context: Context, inputs: Inputs) -> Created:
    """The parameters of a cluster; see `parameter_group`."""
    name = context.named(inputs).lower()
    made = context.call(
        SERVICE,
        "create_db_cluster_parameter_group",
        inputs,
        {"family": "DBParameterGroupFamily"},
        ("name", "parameters"),
        DBClusterParameterGroupName=name,
    )["DBClusterParameterGroup"]
    if inputs.get("parameters"):
        _update_cluster_parameters(context, name, inputs)
    return name, {"name": name, "arn": made["DBClusterParameterGroupArn"]}


RENAME = {
    "dbName": "DBName",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "backupWindow": "PreferredBackupWindow",
    "maintenanceWindow": "PreferredMaintenanceWindow",
    "performanceInsightsEnabled": "EnablePerformanceInsights",
    "parameterGroupName": "DBParameterGroupName",
    "username": "MasterUsername",
    "password": "MasterUserPassword",
    "instanceClass": "DBInstanceClass",
    "caCertIdentifier": "CACertificateIdentifier",
}
_INSTANCE_CHANGES = (
    "allocatedStorage",
    "backupRetentionPeriod",
    "backupWindow",
    "deletionProtection",
    "iamDatabaseAuthenticationEnabled",
    "instanceClass",
    "maintenanceWindow",
    "maxAllocatedStorage",
    "multiAz",
    *_PROVIDER_ONLY,
)


def _update_instance(context: Context, _resource_id: str, inputs: Inputs) -> Outputs:
    wanted = {key: value for key, value in inputs.items() if key in _INSTANCE_CHANGES}
    context.call(
        SERVICE,
        "modify_db_instance",
        wanted,
        RENAME,
        _PROVIDER_ONLY,
        DBInstanceIdentifier=_identifier(context, inputs),
        ApplyImmediately=True,
    )
    return {}


def _delete_instance(context: Context, _resource_id: str, state: Outputs) -> None:
    """Delete an instance without a snapshot, which the emulator would not have."""
    name = state["identifier"]
    context.client(SERVICE).delete_db_instance(DBInstanceIdentifier=name, SkipFinalSnapshot=True)


def _identifier(context: Context, inputs: Inputs) -> str:
    return context.named(inputs, "identifier", limit=63).lower()


@creates(
    "aws:rds/instance:Instance",
    update=Update(
        _update_instance,
        replaced_by=("dbName", "engine", "identifier", "storageEncrypted", "username"),
        changes=_INSTANCE_CHANGES,
    ),
    delete=_delete_instance,
)
def instance(context: Context, inputs: Inputs) -> Created:
    """An instance. Only PostgreSQL is a server here."""
    _only_postgres(context, inputs["engine"])
    name = _identifier(context, inputs)
    context.call(
        SERVICE,
        "create_db_instance",
        inputs,
        RENAME,
        ("identifier", *_PROVIDER_ONLY),
        DBInstanceIdentifier=name,
    )
    made = _available(lambda: _instance(context, name), "DBInstanceStatus")
    endpoint = made["Endpoint"]
    secret = made.get("MasterUserSecret")
    return made["DbiResourceId"], {
        "identifier": name,
        "arn": made["DBInstanceArn"],
        "address": endpoint["Address"],
        "port": endpoint["Port"],
        "endpoint": f"{endpoint['Address']}:{endpoint['Port']}",
        "resourceId": made["DbiResourceId"],
        "masterUserSecrets": _secrets(secret),
        "engineVersionActual": made["EngineVersion"],
        "status": made["DBInstanceStatus"],
    }


CLUSTER_RENAME = {
    "clusterIdentifier": "DBClusterIdentifier",
    "dbClusterParameterGroupName": "DBClusterParameterGroupName",
    "enabledCloudwatchLogsExports": "EnableCloudwatchLogsExports",
    "iamDatabaseAuthenticationEnabled": "EnableIAMDatabaseAuthentication",
    "masterPassword": "MasterUserPassword",
    "serverlessv2ScalingConfiguration": "ServerlessV2ScalingConfiguration",
}
_CLUSTER_CHANGES = (
    "backupRetentionPeriod",
    "deletionProtection",
    "preferredBackupWindow",
    "preferredMaintenanceWindow",
    "serverlessv2ScalingConfiguration",
    *_PROVIDER_ONLY,
)


def _update_cluster(context: Context, name: str, inputs: Inputs) -> Outputs:
    wanted = {key: value for key, value in inputs.items() if key in _CLUSTER_CHANGES}
    context.call(
        SERVICE,
        "modify_db_cluster",
        wanted,
        CLUSTER_RENAME,
        _PROVIDER_ONLY,
        DBClusterIdentifier=name,
        ApplyImmediately=True,
    )
    return {}


def _delete_cluster(context: Context, name: str, _state: Outputs) -> None:
    context.client(SERVICE).delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


@creates(
    "aws:rds/cluster:Cluster",
    update=Update(
        _update_cluster,
        replaced_by=("clusterIdentifier", "databaseName", "engine", "masterUsername"),
        changes=_CLUSTER_CHANGES,
    ),
    delete=_delete_cluster,
)
def cluster(context: Context, inputs: Inputs) -> Created:
    """An Aurora cluster. It has one server for all its instances."""
    _only_postgres(context, inputs["engine"])
    name = context.named(inputs, "clusterIdentifier", limit=63).lower()
    version = inputs.get("engineVersion", "")
    context.call(
        SERVICE,
        "create_db_cluster",
        inputs,
        CLUSTER_RENAME,
        ("clusterIdentifier", "engineVersion", *_PROVIDER_ONLY),
        DBClusterIdentifier=name,
        **({"EngineVersion": version} if "." in version else {}),
    )
    made = _available(lambda: _cluster(context, name), "Status")
    return name, {
        "clusterIdentifier": name,
        "arn": made["DBClusterArn"],
        "endpoint": made["Endpoint"],
        "readerEndpoint": made["ReaderEndpoint"],
        "port": made["Port"],
        "clusterResourceId": made["DbClusterResourceId"],
        "masterUserSecrets": _secrets(made.get("MasterUserSecret")),
        "engineVersionActual": made["EngineVersion"],
    }


_MEMBER_CHANGES = ("instanceClass", "promotionTier", "preferredMaintenanceWindow", *_PROVIDER_ONLY)


@creates(
    "aws:rds/clusterInstance:ClusterInstance",
    update=Update(
        state_only,
        replaced_by=("clusterIdentifier", "engine", "identifier"),
        changes=_MEMBER_CHANGES,
    ),
    delete=Call(SERVICE, "delete_db_instance", DBInstanceIdentifier="identifier"),
)
def cluster_instance(context: Context, inputs: Inputs) -> Created:
    """An instance of an Aurora cluster."""
    name = _identifier(context, inputs)
    own = ("identifier", "engineVersion", *_PROVIDER_ONLY)
    rename = {**RENAME, "clusterIdentifier": "DBClusterIdentifier"}
    context.call(SERVICE, "create_db_instance", inputs, rename, own, DBInstanceIdentifier=name)
    made = _available(lambda: _instance(context, name), "DBInstanceStatus")
    return name, {
        "identifier": name,
        "arn": made["DBInstanceArn"],
        "dbiResourceId": made["DbiResourceId"],
        "endpoint": made["Endpoint"]["Address"],
        "port": made["Endpoint"]["Port"],
        "writer": True,
    }


def _only_postgres(context: Context, engine: str) -> None:
    if "postgres" not in engine:
        context.note(f"{context.type}: the emulator has a server for PostgreSQL only")


def _instance(context: Context, name: str) -> dict[str, Any]:
    found = context.client(SERVICE).describe_db_instances(DBInstanceIdentifier=name)
    return dict(found["DBInstances"][0])


def _cluster(context: Context, name: str) -> dict[str, Any]:
    found = context.client(SERVICE).describe_db_clusters(DBClusterIdentifier=name)
    return dict(found["DBClusters"][0])


def _available(describe: Callable[[], dict[str, Any]], status: str) -> dict[str, Any]:
    """Wait for a server. Raises TimeoutError."""
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends:
        found = describe()
        if found[status] == "available":
            return found
        time.sleep(0.05)
    raise TimeoutError("the database did not start; the log of the emulator says why")


def _secrets(secret: dict[str, str] | None) -> list[dict[str, str]]:
    """Return the secret of the master user in the form of the provider."""
    if not secret:
        return []
    return [
        {
            "secretArn": secret["SecretArn"],
            "secretStatus": secret["SecretStatus"],
            "kmsKeyId": secret.get("KmsKeyId", ""),
        }
    ]
