"""Creates, updates and deletes resources, and answers provider functions, by the registry."""

from typing import Any

from botocore.exceptions import ClientError

from local.engine import failures, registry
from local.engine.context import Context
from local.engine.fit import text
from local.engine.not_emulated import NOT_EMULATED

DOCUMENTS = ("policy", "assumeRolePolicy")
GONE = ("notfound", "nosuch", "nonexistent", "doesnotexist")
"""Parts of the error codes of AWS for a resource that does not exist."""


def create(context: Context, inputs: dict[str, Any]) -> registry.Created:
    """Create a resource and return its id and outputs.

    Raises ValueError if local mode does not have the type, and whatever its creator raises.
    """
    return _type(context).create(context, inputs)


def replacing(type_: str, keys: list[str]) -> list[str]:
    """Return those of the changed inputs that replace the resource."""
    if "region" in keys:
        return ["region"]
    update = _update(type_)
    return [key for key in keys if key in update.replaced_by] if update else keys


def volatile(type_: str) -> tuple[str, ...]:
    """Return the outputs that an update may change."""
    update = _update(type_)
    return update.outputs if update else ()


def update(context: Context, id_: str, inputs: dict[str, Any], keys: list[str]) -> registry.Outputs:
    """Change the inputs `keys` of a resource in place and return the outputs that may have changed.

    Raises ValueError for a change that local mode does not support.
    """
    kind = _type(context)
    if kind.update and kind.update.changes is not None:
        unable = [key for key in keys if key not in kind.update.changes]
        if unable:
            raise ValueError(
                f"local mode cannot change {', '.join(unable)} of the type {context.type};"
                f" add the update to {registry.path(context.type)}"
            )
    if kind.update and kind.update.run:
        return kind.update.run(context, id_, inputs)
    return kind.create(context, inputs)[1]


def delete(context: Context, id_: str, state: dict[str, Any]) -> None:
    """Delete a resource. One that does not exist any more counts as deleted."""
    try:
        _type(context).delete(context, id_, state)
    except ClientError as error:
        code = error.response["Error"]["Code"].lower()
        if not any(word in code for word in GONE):
            raise


def defaults(context: Context, inputs: dict[str, Any]) -> dict[str, Any]:
    """Return the outputs that all types have: the region, all tags, documents as JSON text."""
    documents = {key: text(inputs[key]) for key in DOCUMENTS if key in inputs}
    own = inputs.get("tags", {})
    # An Auto Scaling group has a list of tags, and no default tags.
    tags = {} if isinstance(own, list) else {"tagsAll": {**context.default_tags, **own}}
    return {"region": context.region, **tags, **documents}


def answer(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """Return the result of a provider function. Raises LookupError if it fails or is missing."""
    function = registry.function(context.type)
    if function is None:
        raise LookupError(
            f"no local answer for the function {context.type};"
            f" add one to {registry.path(context.type)}"
        )
    try:
        return function.run(context, arguments)
    except Exception as error:
        raise LookupError(f"{context.type} failed: {failures.describe(error)}") from error


def _type(context: Context) -> registry.ResourceType:
    found = _find(context.type)
    if found is None:
        where = registry.path(context.type)
        raise ValueError(f"no local creator for the type {context.type}; add one to {where}")
    return found


def _update(type_: str) -> registry.Update | None:
    found = _find(type_)
    return found.update if found else None


def _find(type_: str) -> registry.ResourceType | None:
    return NOT_EMULATED.get(type_) or registry.resource_type(type_)
