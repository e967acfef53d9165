"""The summary that `up` prints when it is ready: outputs, addresses and times."""

from collections.abc import Container, Iterator, Mapping
from typing import Any

from local.cloud import Cloud
from local.folder import Folder


def lines(cloud: Cloud, folder: Folder, sites: Mapping[str, str]) -> Iterator[str]:
    """Yields the outputs of every system, then the addresses, then one line of times.

    `sites`: the address of each system's site.
    """
    yield ""
    outputs = dict(cloud.outputs)
    cost = outputs.pop("idleCost", None)
    yield from _outputs(outputs, cloud.secret_outputs)
    root = folder.path.parent
    for system, url in sorted(sites.items()):
        yield f"open      {url}    the page of {system}"
    if sites:
        yield f"mails     {cloud.mails}    codes for new accounts"
    yield f"endpoint  {cloud.endpoint}"
    yield f"outputs   {folder.outputs.relative_to(root)}"
    yield f"settings  source {folder.env.relative_to(root)}    then use the aws CLI or boto3"
    if cost:
        yield (
            f"on AWS    ${cost['perHour']} per idle hour, ${cost['perMonth']} flat fees per month"
            "    make preview lists them"
        )
    yield ""
    times = cloud.timings
    made = sum(each.custom for each in cloud.resources)
    yield (
        f"ready in {times.total:.1f} s: emulator {times.emulator:.1f} s,"
        f" program {times.program:.1f} s, {made} resources"
    )


def _outputs(outputs: Mapping[str, Any], secret: Container[str]) -> Iterator[str]:
    for system, values in sorted(outputs.items()):
        if not isinstance(values, dict) or system in secret:
            yield f"{system}  {'[secret]' if system in secret else values}"
            continue
        yield system
        width = max(map(len, values), default=0)
        for name, value in sorted(values.items()):
            shown = "[secret]" if f"{system}.{name}" in secret else value
            yield f"  {name:<{width}}  {shown}"
        yield ""
