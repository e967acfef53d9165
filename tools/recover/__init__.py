"""Bring failed work back: `python -m tools.recover --help`."""
