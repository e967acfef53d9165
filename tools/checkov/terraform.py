"""Terraform JSON of a graph: its resources under the names of Terraform's AWS provider.

pulumi-aws is generated from that provider. It renames `snake_case` to `camelCase`, uses the plural
for a block that may be repeated, and adds the service to the type. This undoes all three. It is
meant for tools that read programs of Terraform, not for Terraform itself.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from tools.graph.document import Resource

_SERVICES = {"apigateway": "api_gateway", "ec2": ""}
"""Services whose types Terraform prefixes otherwise."""
_TYPES = {
    "codepipeline/pipeline": "aws_codepipeline",
    "s3/bucketObjectv2": "aws_s3_object",
}
_ARGUMENTS = {"deployment": "deployment_id", "rest_api": "rest_api_id"}
_MAPS = ("tags", "variables", "parameters")
"""Arguments whose keys are not names of the provider."""
_AUTO_NAMED = re.compile(r"(?:arn:.*[:/])?(?P<name>[\w-]+)-1a2b3c4(?:\.[\w.-]+)?")
"""ID, ARN or host name of another resource, as a preview makes it."""
_UPPER = re.compile(r"(?<=[a-z0-9])[A-Z]")


def terraform(resources: Iterable[Resource]) -> dict[str, Any]:
    """Return the Terraform JSON of all resources of the AWS provider."""
    ours = [each for each in resources if each.custom and each.type.startswith("aws:")]
    types = {each.name: terraform_type(each.type) for each in ours}
    made: dict[str, dict[str, Any]] = {}
    for each in ours:
        # Pulumi creates a replacement before it deletes; in Terraform this is a setting.
        block = {**_block(each.inputs, types), "lifecycle": {"create_before_destroy": True}}
        made.setdefault(terraform_type(each.type), {})[each.name] = block
    return {"resource": made}


def terraform_type(type_: str) -> str:
    """Return Terraform's name of a type: `aws_s3_bucket` of `aws:s3/bucket:Bucket`."""
    name = type_.split(":")[1]
    service, _, kind = name.partition("/")
    prefix = _SERVICES.get(service, service)
    parts = ["aws", prefix, _snake(kind)] if prefix else ["aws", _snake(kind)]
    return _TYPES.get(name, "_".join(parts))


def _block(inputs: Mapping[str, Any], types: Mapping[str, str]) -> dict[str, Any]:
    block = {}
    for key, value in inputs.items():
        if key in _MAPS and isinstance(value, Mapping):
            block[_snake(key)] = value
            continue
        repeated = isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
        name = _ARGUMENTS.get(_snake(key), _snake(key))
        block[_singular(name) if repeated else name] = _value(value, types)
    return block


def _value(value: Any, types: Mapping[str, str]) -> Any:
    if isinstance(value, Mapping):
        return _block(value, types)
    if isinstance(value, list):
        return [_value(each, types) for each in value]
    found = _AUTO_NAMED.fullmatch(value) if isinstance(value, str) else None
    if found and found["name"] in types:
        return f"${{{types[found['name']]}.{found['name']}.id}}"
    return value


def _singular(name: str) -> str:
    for plural, singular in (("ies", "y"), ("xes", "x"), ("s", "")):
        if name.endswith(plural):
            return name.removesuffix(plural) + singular
    return name


def _snake(name: str) -> str:
    return _UPPER.sub(lambda upper: "_" + upper[0].lower(), name)
