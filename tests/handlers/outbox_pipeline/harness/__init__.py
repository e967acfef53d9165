"""What surrounds the functions on AWS: event source mappings, callers, and things going wrong."""
