"""Makes a resource, or answers a provider function, by the registry."""

from typing import Any

from local.engine import failures, registry
from local.engine.context import Context
from local.engine.fit import text
from local.not_emulated import NOT_EMULATED

DOCUMENTS = ("policy", "assumeRolePolicy")


def create(context: Context, inputs: dict[str, Any]) -> registry.Created:
    """Makes a resource: its id, and the outputs that its creator answers.

    Raises ValueError where there is no creator, and whatever a creator raises.
    """
    absent = NOT_EMULATED.get(context.type)
    if absent:
        context.note(f"{context.type}: {absent.reason}")
        return absent.answer(context, inputs)
    made = registry.creator(context.type)
    if made is None:
        where = registry.path(context.type)
        raise ValueError(f"no local creator for the type {context.type}; add one to {where}")
    return made(context, inputs)


def defaults(context: Context, inputs: dict[str, Any]) -> dict[str, Any]:
    """What the provider answers for every type: region, all tags, documents as JSON text."""
    documents = {key: text(inputs[key]) for key in DOCUMENTS if key in inputs}
    tags = {**context.default_tags, **inputs.get("tags", {})}
    return {"region": context.region, "tagsAll": tags, **documents}


def answer(context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
    """The result of a provider function. Raises LookupError where there is none."""
    function = registry.function(context.type)
    if function is None:
        raise LookupError(
            f"no local answer for the function {context.type};"
            f" add one to {registry.path(context.type)}"
        )
    try:
        return function(context, arguments)
    except Exception as error:
        raise LookupError(f"{context.type} failed: {failures.describe(error)}") from error
