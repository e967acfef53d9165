"""Databases and caches: real servers behind fronts that end TLS and check who logs in.

The servers listen at Unix sockets that only this user can open; the fronts listen at 127.0.0.1.
"""
