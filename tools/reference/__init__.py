"""Reference pages of the components, generated from the schema and from registered resources."""

from .page import index, page

__all__ = ["index", "page"]
