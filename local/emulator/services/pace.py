"""The times of AWS that are shorter here. All others, such as a stop timeout, are those of AWS."""

HEALTH_CHECK = 0.1
"""Seconds here for a second between two health checks: an interval of 10 s takes 1 s."""

BAKE = 1 / 30
"""Minutes here for a minute of a deployment's bake time: 10 minutes take 20 s."""
