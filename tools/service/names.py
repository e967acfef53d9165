"""The names of a service, each in the form of the place where it is used."""

import keyword
import re

from tools.stack_outputs import CommandError

MAX_LENGTH = 19
"""`MAX_NAME` of `components/_blocks/service_target.py`: target groups are named after a service."""
_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


class Names:
    """The forms of one name.

    Args:
        name: the name in snake_case, for folders, files and functions.

    Raises:
        CommandError: the name is not valid.
    """

    def __init__(self, name: str) -> None:
        if not _NAME.fullmatch(name):
            raise CommandError(
                f"NAME is '{name}'; it must be lowercase letters and digits, with '_' between words"
            )
        if len(name) > MAX_LENGTH:
            raise CommandError(
                f"NAME is '{name}', {len(name)} characters; it must have at most {MAX_LENGTH}"
            )
        if keyword.iskeyword(name) or keyword.issoftkeyword(name):
            raise CommandError(f"NAME is '{name}', a keyword of Python; choose another name")
        first, *others = name.split("_")
        self.name = name
        self.host = name.replace("_", "-")
        """In domain names and in names of resources."""
        self.title = " ".join([first.capitalize(), *others])
        """In texts."""
        self.output = first + "".join(map(str.capitalize, others)) + "Url"
        """The output of the stack."""
