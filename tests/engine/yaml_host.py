"""Registers the resources of a YAML program with Pulumi's engine, in place of its YAML host."""

from pathlib import Path
from typing import Any

import pulumi
from yaml_program import Program


class Component(pulumi.ComponentResource):
    """A component of a plugin. `outputs` are the names of the outputs that are read."""

    def __init__(self, kind: str, name: str, inputs: dict[str, Any], outputs: list[str]) -> None:
        inputs |= dict.fromkeys(outputs)
        super().__init__(f"colonnade:index:{kind}", name, inputs, remote=True)
        self.outputs = {each: getattr(self, each) for each in outputs}


program = Program(Path())
for kind, name, inputs in program.resources():
    program.made(name, Component(kind, name, inputs, program.read_of(name)).outputs)
for name, value in program.outputs().items():
    pulumi.export(name, value)
