"""Sort keys of the table."""

__all__ = ["grant", "prefix"]


def grant(item: str | None, purchase: str) -> str:
    """The sort key of a purchase; an item of None stands for all of them."""
    return prefix(item) + purchase


def prefix(item: str | None) -> str:
    """What the sort keys of all purchases of an item begin with."""
    return "plan##" if item is None else f"item#{item}#"
