"""The embedded AWS: ministack in a separate process, patched where it differs from AWS."""

from .process import Emulator, EmulatorError

__all__ = ["Emulator", "EmulatorError"]
