"""Long random tests, on real (emulated) tables, buckets, buses and queues."""

from tests.handlers.conftest import emulator

__all__ = ["emulator"]
