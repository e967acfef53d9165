"""Graphs: what a stack declares, written down, compared and judged without a cloud."""
