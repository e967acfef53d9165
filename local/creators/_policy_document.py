"""Policy documents of `aws.iam.get_policy_document`."""

import hashlib
import json
from typing import Any

Statement = dict[str, Any]
VERSION = "2012-10-17"


def document(inputs: dict[str, Any]) -> dict[str, str]:
    """Returns `json`, `minifiedJson` and `id` of the policy document that `inputs` describe.

    Statements of `overridePolicyDocuments` replace those of the same Sid, as in AWS's provider.
    """
    statements = [each for text in inputs.get("sourcePolicyDocuments", []) for each in _parse(text)]
    statements += [_statement(each) for each in inputs.get("statements", [])]
    for text in inputs.get("overridePolicyDocuments", []):
        for each in _parse(text):
            statements = [old for old in statements if not _same(old, each)] + [each]
    policy: dict[str, Any] = {"Version": inputs.get("version", VERSION)}
    if inputs.get("policyId"):
        policy["Id"] = inputs["policyId"]
    policy["Statement"] = statements
    pretty = json.dumps(policy, indent=2)
    digest = hashlib.sha256(pretty.encode()).hexdigest()
    return {"json": pretty, "minifiedJson": json.dumps(policy, separators=(",", ":")), "id": digest}


def _parse(text: str) -> list[Statement]:
    found = json.loads(text)["Statement"]
    return found if isinstance(found, list) else [found]


def _same(old: Statement, new: Statement) -> bool:
    return bool(new.get("Sid")) and old.get("Sid") == new["Sid"]


def _statement(given: dict[str, Any]) -> Statement:
    made: Statement = {"Sid": given["sid"]} if given.get("sid") else {}
    made["Effect"] = given.get("effect", "Allow")
    for key in ("actions", "notActions", "resources", "notResources"):
        if given.get(key):
            name = key[0].upper() + key[1:]
            made[name.removesuffix("s")] = _one_or_many(given[key])
    for key in ("principals", "notPrincipals"):
        if given.get(key):
            made[key[0].upper() + key[1:-1]] = _principals(given[key])
    if given.get("conditions"):
        made["Condition"] = _conditions(given["conditions"])
    return made


def _one_or_many(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else sorted(values, reverse=True)


def _principals(given: list[dict[str, Any]]) -> str | dict[str, Any]:
    if any(each["type"] == "*" for each in given):
        return "*"
    kinds: dict[str, list[str]] = {}
    for each in given:
        kinds.setdefault(each["type"], []).extend(each["identifiers"])
    return {kind: _one_or_many(identifiers) for kind, identifiers in kinds.items()}


def _conditions(given: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for each in given:
        made.setdefault(each["test"], {})[each["variable"]] = _one_or_many(each["values"])
    return made
