"""Graphs: the resources of a stack, written, compared and checked without a cloud."""
