"""What several architectures are built of; not part of the public API."""
