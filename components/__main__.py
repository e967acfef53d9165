"""Serves the components to every Pulumi language (`pulumi package add`); nothing else."""

import sys
from importlib import import_module
from pathlib import Path

from pulumi.provider.experimental import component_provider_host

if __name__ == "__main__":
    here = Path(__file__).resolve().parent
    sys.path.insert(0, str(here.parent))  # the components import each other as one package
    package = import_module(here.name)
    component_provider_host(name="colonnade", components=package.components())
