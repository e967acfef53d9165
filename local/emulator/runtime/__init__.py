"""The runtime of Python functions: in the process (bootstrap) and in the server."""
