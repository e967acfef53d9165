"""The environment of the functions on AWS: event source mappings, callers and faults."""
