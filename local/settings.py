"""The options of `up`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class UpSettings:
    """The options of one run of `up`."""

    project: Path
    """The folder of Pulumi.yaml."""
    stack: str
    systems: tuple[str, ...]
    """Empty for all systems of the project."""
    port: int
    """0 for a free port."""
    engine: str = "embedded"
    """`embedded`, or `pulumi` for Pulumi's engine and CLI."""
    ready_fd: int | None = None
    """The file descriptor to which a background process writes `ready`. None in the foreground."""

    def arguments(self) -> list[str]:
        """Returns the arguments of `python -m local` for these options, without `--detach`."""
        return [
            *("--project", str(self.project), "up", "--stack", self.stack),
            *("--systems", ",".join(self.systems), "--port", str(self.port)),
            *("--engine", self.engine),
        ]
