"""Commands for developers and operators of the platform."""
