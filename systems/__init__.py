"""The systems of the platform. `systems/<name>.py` creates the system `<name>` of the settings."""
