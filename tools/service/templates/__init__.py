"""The files of a new service, with names to fill in.

`%{name}` stands for a name. A line that begins with `%function` is only for a function behind API
Gateway, one with `%balanced` only for containers and instances behind a load balancer.
"""

from pathlib import Path
from string import Template

from ..names import Names

FILES = {
    "apis/NAME.yaml": "api.yaml.txt",
    "handlers/services/NAME/app.py": "app.py.txt",
    "tests/handlers/services/test_NAME.py": "test.py.txt",
}
"""Template of each file of a service."""
BLOCKS = {form: f"{form}.py.txt" for form in ("container", "function", "instance")}
"""Template of the function in `systems/services.py`, by form."""


class _Template(Template):
    delimiter = "%"  # `$` is in references of OpenAPI


def render(template: str, names: Names, form: str) -> str:
    """Return a template with the names filled in, and only with the lines of the form."""
    mine, other = ("%function ", "%balanced ")
    if form != "function":
        mine, other = other, mine
    lines = (Path(__file__).parent / template).read_text("utf-8").splitlines(keepends=True)
    kept = "".join(line.removeprefix(mine) for line in lines if not line.startswith(other))
    return _Template(kept).substitute(vars(names))
