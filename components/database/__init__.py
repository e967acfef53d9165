"""Database: PostgreSQL on RDS or Aurora, to which services log in with IAM."""

from .component import Database, DatabaseArgs

__all__ = ["Database", "DatabaseArgs"]
