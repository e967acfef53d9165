"""The resource of Athena queries in IAM is their workgroup.

Stock 1.5.33 asks for GetQueryExecution, GetQueryResults, StopQueryExecution and GetNamedQuery on
resource `*`, so that a role for one workgroup is denied.

AWS: "Actions, resources, and condition keys for Amazon Athena": the resource of all of these is the
workgroup.

ministack has fixed this when tests/emulator/test_query_rights.py passes with
`unpatched=("query_rights",)`.
"""

import json
from typing import Any

from ministack.core import iam_actions
from ministack.services import athena

from . import Server


def apply(server: Server) -> None:
    stock = iam_actions.extract_resource_arn

    def resource(service: str, *request: Any, **more: Any) -> str:
        found: str = stock(service, *request, **more)
        if service != "athena" or found != "*":
            return found
        body = more.get("body", next((each for each in request if isinstance(each, bytes)), b""))
        workgroup = _workgroup(body)
        return athena._arn_workgroup(workgroup) if workgroup else found

    iam_actions.extract_resource_arn = resource


def _workgroup(body: bytes) -> str:
    try:
        wanted = json.loads(body or b"{}")
    except ValueError:
        return ""
    query = athena._executions.get(wanted.get("QueryExecutionId", ""))
    query = query or athena._named_queries.get(wanted.get("NamedQueryId", ""))
    return str(query["WorkGroup"]) if query else ""
