"""Errors that local mode shows to its user."""


class LocalError(Exception):
    """A problem that the user can solve. Its text is shown without a traceback."""

    @property
    def problems(self) -> list[str]:
        """One message for each problem."""
        return [str(self)]


class DeploymentError(LocalError):
    """The program failed. `problems` holds one message per independent failure."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self._problems = problems

    @property
    def problems(self) -> list[str]:
        return self._problems
