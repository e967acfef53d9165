"""Athena workgroups and named queries."""

from local.engine.context import Context
from local.engine.registry import Call, Created, Inputs, creates


@creates(
    "aws:athena/workgroup:Workgroup", delete=Call("athena", "delete_work_group", WorkGroup="id")
)
def workgroup(context: Context, inputs: Inputs) -> Created:
    """A workgroup."""
    name = context.named(inputs, limit=128)
    context.call("athena", "create_work_group", inputs, handled=("name", "state"), Name=name)
    return name, {"name": name, "arn": context.arn("athena", f"workgroup/{name}")}


@creates(
    "aws:athena/namedQuery:NamedQuery",
    delete=Call("athena", "delete_named_query", NamedQueryId="id"),
)
def named_query(context: Context, inputs: Inputs) -> Created:
    """A named query."""
    name = context.named(inputs, limit=128)
    rename = {"query": "QueryString", "workgroup": "WorkGroup"}
    made = context.call("athena", "create_named_query", inputs, rename, ("name",), Name=name)
    return made["NamedQueryId"], {"name": name}
