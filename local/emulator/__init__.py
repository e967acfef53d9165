"""The embedded AWS: ministack in a process of its own, patched where it strays from AWS."""

from .process import Emulator, EmulatorError

__all__ = ["Emulator", "EmulatorError"]
