"""Delivery of events by EventBridge."""
