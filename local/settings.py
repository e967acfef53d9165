"""What `up` was asked to do."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class UpSettings:
    """The options of one `up`."""

    project: Path
    """The folder of Pulumi.yaml."""
    stack: str
    systems: tuple[str, ...]
    """Empty for what the stack says."""
    port: int
    """0 for a free one."""
    engine: str = "embedded"
    """`embedded` or `pulumi`: the real engine, by the Pulumi CLI."""
    ready_fd: int | None = None
    """Where a background process writes `ready`; None in the foreground."""

    def arguments(self) -> list[str]:
        """The same as arguments of `python -m local`, without `--detach`."""
        return [
            *("--project", str(self.project), "up", "--stack", self.stack),
            *("--systems", ",".join(self.systems), "--port", str(self.port)),
            *("--engine", self.engine),
        ]
