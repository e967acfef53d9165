"""`python -m local sign-in`: a user of the todo system, as settings for the shell."""

import json
import shlex

from local.errors import LocalError
from local.folder import Folder
from local.people import Person, Place


def sign_in(folder: Folder, email: str, password: str) -> int:
    """Sign a person in (and up), and print `todo_token` and the shell function `as_user`.

    Raises:
        LocalError: the todo system does not run here, or the person cannot sign in.
    """
    if folder.owner() is None or not folder.outputs.exists():
        raise LocalError("nothing runs here; `make up` starts it")
    outputs = json.loads(folder.outputs.read_text())
    if "todo" not in outputs:
        raise LocalError("the stack that runs here has no system todo")
    person = Person(Place.of(folder.endpoint(), outputs["todo"]), email, password)
    variables = {key.upper(): value for key, value in person.credentials.items()}
    settings = " ".join(f"{key}={shlex.quote(value)}" for key, value in variables.items())
    print(f"export todo_token={shlex.quote(person.access_token)} todo_sub={person.sub}")
    print(f'as_user() {{ {settings} "$@"; }}')
    return 0
