"""Schema registry: publishes the event schemas of a function on EventBridge."""

from pathlib import Path

import pulumi
import pulumi_aws as aws

from .._blocks.bundle import Bundle


def create_schema_registry(
    name: str, code: str, event_source: str, *, parent: pulumi.Resource
) -> aws.schemas.Registry:
    """Publish each `schemas/<Type>.v<N>.json` in the folder of a function.

    Args:
        name: name of the registry and the prefix of its schemas.
        code: see `Bundle.source`.
        event_source: `source` of the events; EventBridge names a schema `source@Type`.
        parent: the component it belongs to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    registry = aws.schemas.Registry(name, opts=opts)
    for path in sorted(Path(Bundle(code).folder, "schemas").glob("*.json")):
        aws.schemas.Schema(
            f"{name}-{path.stem}",
            name=f"{event_source}@{path.stem}",
            registry_name=registry.name,
            type="JSONSchemaDraft4",
            content=path.read_text("utf-8"),
            opts=opts,
        )
    return registry
