"""What local mode tells its user when something is wrong."""


class LocalError(Exception):
    """A problem the user can act on. Its text is shown as it is, without a traceback."""

    @property
    def problems(self) -> list[str]:
        """What to show, one text for each problem."""
        return [str(self)]


class DeploymentError(LocalError):
    """The program ran and failed. `problems` holds one message per independent failure."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self._problems = problems

    @property
    def problems(self) -> list[str]:
        return self._problems
