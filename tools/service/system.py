"""Adds a service to `systems/services.py`."""

import ast

from tools.stack_outputs import CommandError

from .names import Names


def add_service(system: str, names: Names, block: str) -> str:
    """Return the module with another service: its function, the call, and the output.

    Args:
        system: text of the module.
        names: names of the service.
        block: text of the function.

    Raises:
        CommandError: the module uses the name already, or `create` has another form.
    """
    module = ast.parse(system)
    _check_free(module, names)
    (function,) = ast.parse(block).body
    create = _create(module)
    end = create.body[-1]
    if not (isinstance(end, ast.Return) and isinstance(end.value, ast.Dict)):
        raise CommandError("systems/services.py: `create` must end with `return {...}`")
    assert isinstance(function, ast.FunctionDef) and end.value.end_lineno
    arguments = ", ".join(each.arg for each in function.args.args)

    lines = system.splitlines(keepends=True)
    # From the end, so that the numbers of lines stay right.
    lines.insert(end.value.end_lineno - 1, f'        "{names.output}": {names.name}.url,\n')
    lines.insert(end.lineno - 1, f"    {names.name} = {function.name}({arguments})\n")
    return "".join(lines) + f"\n\n{block}"


def _create(module: ast.Module) -> ast.FunctionDef:
    for each in module.body:
        if isinstance(each, ast.FunctionDef) and each.name == "create":
            return each
    raise CommandError("systems/services.py: there is no function `create`")


def _check_free(module: ast.Module, names: Names) -> None:
    """Check that nothing in the module has the name, and no resource or output either."""
    used: set[str] = set()
    for node in ast.walk(module):
        match node:
            case ast.Name(id=name) | ast.arg(arg=name) | ast.FunctionDef(name=name):
                used.add(name)
            case ast.alias(name=name, asname=renamed):
                used.add(renamed or name)
            case ast.Constant(value=str(text)):
                used.add(text)
    wanted = (names.name, f"_{names.name}", names.host, names.output)
    taken = [each for each in wanted if each in used]
    if taken:
        raise CommandError(
            f"NAME is '{names.name}', but systems/services.py uses the name `{taken[0]}`; "
            "choose another name"
        )
