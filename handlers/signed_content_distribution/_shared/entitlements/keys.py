"""Sort keys of the table."""

__all__ = ["grant", "prefix"]


def grant(item: str | None, purchase: str) -> str:
    """Return the sort key of a purchase; an item of None means all items."""
    return prefix(item) + purchase


def prefix(item: str | None) -> str:
    """Return the prefix of the sort keys of all purchases of an item."""
    return "plan##" if item is None else f"item#{item}#"
