"""The functions of the platform and their bundles, as the program declares them."""

import json
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from components._blocks.bundle import Bundle
from local.cloud import PROJECT, Cloud

KIND = "aws:lambda/function:Function"


@dataclass(frozen=True)
class Deployed:
    """One Lambda function."""

    name: str
    """Name in the program, such as `orders-relay`."""
    module: str
    """Module that Lambda imports, such as `outbox_pipeline.relay.app`."""
    archive: Path
    """File of the bundle."""
    bundle: Bundle
    """Sources of the bundle."""


@cache
def deployed() -> list[Deployed]:
    """Return the functions of the dev stack, bundled for the CPU and Python of this machine."""
    with Cloud() as cloud:
        found = [each for each in cloud.resources if each.type == KIND]
    functions = [
        _deployed(each.name, each.inputs["handler"], PROJECT / each.inputs["code"]["path"])
        for each in sorted(found, key=lambda each: each.name)
    ]
    reads = next(each for each in functions if each.name.endswith("-todos-read"))
    return [*functions, _with_dax(reads)]


def _with_dax(reads: Deployed) -> Deployed:
    """Return the function as in prod, with the DAX client."""
    bundle = replace(reads.bundle, source="todo_list/todos_read_dax")
    module = bundle.handler.rpartition(".")[0]
    return Deployed(f"{reads.name}, DAX", module, Path(bundle.build()).absolute(), bundle)


def _deployed(name: str, handler: str, archive: Path) -> Deployed:
    made = json.loads(archive.with_suffix(".json").read_text("utf-8"))
    texts = tuple((name, content) for name, content in made["texts"])
    bundle = Bundle(**{**made, "texts": texts})
    return Deployed(name, handler.rpartition(".")[0], archive, bundle)
