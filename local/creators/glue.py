"""Glue databases and tables."""

from local.engine.context import ACCOUNT, Context
from local.engine.registry import Call, Created, Inputs, creates


@creates(
    "aws:glue/catalogDatabase:CatalogDatabase", delete=Call("glue", "delete_database", Name="name")
)
def database(context: Context, inputs: Inputs) -> Created:
    """A database of the account's catalog."""
    name = context.named(inputs)
    keys = ("description", "locationUri")
    wanted: Inputs = {key: inputs[key] for key in keys if key in inputs}
    content: Inputs = {"databaseInput": {**wanted, "name": name}}
    context.call("glue", "create_database", content)
    outputs = {"name": name, "catalogId": ACCOUNT, "arn": context.arn("glue", f"database/{name}")}
    return f"{ACCOUNT}:{name}", outputs


@creates(
    "aws:glue/catalogTable:CatalogTable",
    delete=Call("glue", "delete_table", DatabaseName="databaseName", Name="name"),
)
def table(context: Context, inputs: Inputs) -> Created:
    """A table over files in S3."""
    name, base = context.named(inputs), inputs["databaseName"]
    own = ("databaseName", "catalogId", "openTableFormatInput")
    wanted = {key: value for key, value in inputs.items() if key not in own}
    rename = {"tableInput.storageDescriptor.serDeInfo": "SerdeInfo"}
    content = {"databaseName": base, "tableInput": {**wanted, "name": name}}
    context.call("glue", "create_table", content, rename)
    arn = context.arn("glue", f"table/{base}/{name}")
    return f"{ACCOUNT}:{base}:{name}", {"name": name, "catalogId": ACCOUNT, "arn": arn}
