"""Drives every system of a deployed stack as its users do. A module for each system."""
