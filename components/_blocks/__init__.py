"""Parts that several components use; not part of the public API."""
