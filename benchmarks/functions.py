"""The platform's functions and their bundles, as the program itself declares them."""

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
    """Its name in the program: `orders-relay`."""
    module: str
    """What Lambda imports: `outbox_pipeline.relay.app`."""
    archive: Path
    """The bundle."""
    bundle: Bundle
    """What it is made of."""


@cache
def deployed() -> list[Deployed]:
    """The functions of the dev stack, bundled for this machine's CPU and Python."""
    with Cloud() as cloud:
        found = [each for each in cloud.resources if each.type == KIND]
    functions = [
        _deployed(each.name, each.inputs["handler"], PROJECT / each.inputs["code"]["path"])
        for each in sorted(found, key=lambda each: each.name)
    ]
    reads = next(each for each in functions if each.name.endswith("-todos-read"))
    return [*functions, _with_dax(reads)]


def _with_dax(reads: Deployed) -> Deployed:
    """The function as prod has it, with the client of DAX."""
    bundle = replace(reads.bundle, libraries=(*reads.bundle.libraries, "dax_client"))
    return Deployed(f"{reads.name}, DAX", reads.module, Path(bundle.build()).absolute(), bundle)


def _deployed(name: str, handler: str, archive: Path) -> Deployed:
    made = json.loads(archive.with_suffix(".json").read_text())
    bundle = Bundle(**{**made, "libraries": tuple(made["libraries"])})
    return Deployed(name, handler.rpartition(".")[0], archive, bundle)
