"""Serves the components to every Pulumi language (`pulumi package add`); nothing else."""

import sys
from importlib import import_module
from pathlib import Path

# The components import each other as one package. Python starts with their own folder first, whose
# `queue` would hide that of the standard library.
HERE = Path(__file__).resolve().parent
sys.path[:] = [str(HERE.parent), *(each for each in sys.path if Path(each).resolve() != HERE)]

from pulumi import InputPropertiesError, Inputs, ResourceOptions
from pulumi.provider import ConstructResult, main
from pulumi.provider.experimental.component import ComponentProvider
from pulumi.provider.server import ComponentInitError


class Provider(ComponentProvider):
    """Reports invalid arguments in Pulumi's structural form, without a traceback."""

    def construct(
        self, name: str, resource_type: str, inputs: Inputs, options: ResourceOptions | None = None
    ) -> ConstructResult:
        try:
            return super().construct(name, resource_type, inputs, options)
        except ComponentInitError as error:
            if isinstance(error.inner, InputPropertiesError):
                raise InputPropertiesError(error.inner.message, error.inner.errors) from None
            raise


if __name__ == "__main__":
    package = import_module(HERE.name)
    provider = Provider(package.components(), "colonnade", None, "0.0.0")
    main(provider, sys.argv[1:])
