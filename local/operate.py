"""`pulumi`: one operation of Pulumi's engine on the stack of `up --engine pulumi`."""

from pulumi import automation

from local.cloud import configuration, request
from local.engine.program import Run
from local.errors import LocalError
from local.folder import Folder
from local.provider.stack import open_stack


def operate(folder: Folder, operation: str) -> int:
    """Runs an operation with the current files and configuration. Returns 1 if it fails.

    Raises LocalError if no such stack runs.
    """
    if folder.owner() is None or not folder.pulumi.is_dir():
        raise LocalError(
            "no stack of Pulumi's engine runs here; `make up ENGINE=pulumi` starts one"
        )
    stack, systems = folder.running()
    project = folder.path.parent
    config = configuration(project, stack, {"systems": systems} if systems else {})
    opened = open_stack(Run(**request(config, project, folder.endpoint(), folder.secret())))
    try:
        getattr(opened, operation)(on_output=print, color="never")
    except automation.CommandError:
        return 1  # the CLI has printed the reason
    return 0
