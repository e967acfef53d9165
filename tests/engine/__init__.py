"""Pulumi's CLI and engine deploy the platform to the emulator."""
