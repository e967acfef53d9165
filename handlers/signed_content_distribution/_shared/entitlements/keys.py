"""Sort keys of the table."""

__all__ = ["belongs_to", "cancellation", "grant", "prefix"]


def grant(item: str | None, purchase: str) -> str:
    """Return the sort key of a purchase; an item of None means all items."""
    return prefix(item) + purchase


def prefix(item: str | None) -> str:
    """Return the prefix of the sort keys of all purchases of an item."""
    return "plan##" if item is None else f"item#{item}#"


def cancellation(purchase: str) -> str:
    """Return the sort key of the last cancellation of a whole purchase."""
    return f"cancelled##{purchase}"


def belongs_to(key: str, purchase: str) -> bool:
    """Tell whether a sort key is a grant of a purchase."""
    kind, _, name = key.split("#")  # names have no #
    return kind != "cancelled" and name == purchase
