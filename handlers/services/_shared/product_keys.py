"""The keys of products in the cache."""


def product_key(product_id: str) -> str:
    """Return the key of a product."""
    return f"product:{product_id}"
