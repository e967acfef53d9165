"""`python -m local sign-in`: signs a user in and prints settings for the shell."""

import json
import shlex

from local.errors import LocalError
from local.folder import Folder
from local.people import Person, Place


def sign_in(folder: Folder, system: str, email: str, password: str) -> int:
    """Sign a user in (and up), and print settings: `todo_token`, `todo_sub` for system `todo`.

    If users have AWS credentials of their own, the shell function `as_user` runs a command with
    them.

    Raises:
        LocalError: the system does not run here or has no users, or the user cannot sign in.
    """
    if folder.owner() is None or not folder.outputs.exists():
        raise LocalError("nothing runs here; `make up` starts it")
    outputs = json.loads(folder.outputs.read_text("utf-8"))
    if "userPoolId" not in outputs.get(system, {}):
        have = [name for name, each in outputs.items() if "userPoolId" in each]
        raise LocalError(
            f"no system '{system}' with users runs here; there is {', '.join(have) or 'none'}"
        )
    mails = folder.settings()["COLONNADE_MAILS"]
    person = Person(Place.of(folder.endpoint(), outputs[system], mails), email, password)
    token = shlex.quote(person.access_token)
    print(f"export {system}_token={token} {system}_sub={person.sub}")
    if person.place.identity_pool_id:
        variables = {key.upper(): value for key, value in person.credentials.items()}
        settings = " ".join(f"{key}={shlex.quote(value)}" for key, value in variables.items())
        print(f'as_user() {{ {settings} "$@"; }}')
    return 0
