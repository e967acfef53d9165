"""Writes a new service into the repository: `make service NAME=stock FORM=container`."""
