"""What local mode tells its user when something is wrong."""


class LocalError(Exception):
    """A problem the user can act on. Its text is shown as it is, without a traceback."""


class DeploymentError(LocalError):
    """The program ran and failed. `problems` holds one message per independent failure."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems
