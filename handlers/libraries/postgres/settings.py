"""The environment of the client."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Where the database is, and who logs in."""

    database_host: str
    database_port: int
    database_name: str
    database_user: str
    ca_file: str = ""
    """PEM file of the authority to trust instead of those of RDS. Default: those of RDS."""
