"""What runs a Python function: the process's side (bootstrap) and the server's side."""
