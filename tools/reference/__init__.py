"""Reference pages of the components, written from their schema and from what they register."""

from .page import index, page

__all__ = ["index", "page"]
