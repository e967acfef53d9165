"""What people accept: the loss of the data of one resource, or what happens to a whole stack."""

import hashlib

LABEL = "accept-loss "
"""Start of the labels of a pull request that accept a loss."""
_MAX_LABEL = 50  # characters, at GitHub
_DIGEST = 8


def name_of(stack: str, resource: str = "") -> str:
    """Return the name by which a loss is accepted, short enough for a label.

    Args:
        stack: name of the stack.
        resource: name of the resource; empty for the stack as a whole.
    """
    name = f"{stack}/{resource}" if resource else stack
    if len(LABEL + name) <= _MAX_LABEL:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:_DIGEST]
    return f"{name[: _MAX_LABEL - len(LABEL) - _DIGEST - 1]}~{digest}"
