"""Run one program: `python -m benchmarks.preview_program KIND COUNT COLLECTOR`.

It prints a JSON object: resources, seconds in the program, and peak memory of the process.
"""

import atexit
import gc
import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

STARTED = time.perf_counter()
ROOT = Path(__file__).resolve().parents[1]
APIS = ROOT / "apis"
APPLICATIONS = ("todo", "blog", "videos")
PYTHON = f"{sys.version_info.major}.{sys.version_info.minor}"


def platform() -> None:
    """Run the program of the platform."""
    import runpy

    runpy.run_path(str(ROOT / "__main__.py"), run_name="__main__")


def components(count: int) -> Callable[[], None]:
    """Return a program with `count` instances of every component that is an architecture."""

    def program() -> None:
        from components import (
            EventConsumer,
            IngestionPipeline,
            OutboxPipeline,
            PhotoThumbnails,
            PublicBlog,
            SignedContentDistribution,
            StaticSite,
            TodoList,
        )

        functions = {"python": PYTHON}
        site = "https://example.com"
        consumer = {
            "event_bus_name": "bus",
            "event_source": "source",
            "detail_types": ["Happened"],
            "code": "outbox_pipeline/ship_order",
        }
        telemetry = {"schema": (ROOT / "schemas" / "telemetry.yaml").read_text("utf-8")}
        todo, blog, videos = ((APIS / f"{name}.yaml").read_text("utf-8") for name in APPLICATIONS)
        blog_args = {"site_url": site, "title": "Blog", "from_address": "a@example.com"}
        content = str(ROOT / "site" / "blog")
        for number in range(count):
            for component, name, args in (
                (OutboxPipeline, "orders", {}),
                (EventConsumer, "consumer", consumer),
                (TodoList, "todo", {"openapi": todo, "site_url": site}),
                (IngestionPipeline, "telemetry", telemetry),
                (PhotoThumbnails, "photos", {}),
                (PublicBlog, "blog", {"openapi": blog, **blog_args}),
                (StaticSite, "site", {"content": content, "assets": "assets/"}),
                (SignedContentDistribution, "videos", {"openapi": videos, "app_url": site}),
            ):
                component(f"{name}{number}", {**args, "functions": functions})

    return program


def site(count: int) -> Callable[[], None]:
    """Return a program with a site of `count` files, half of them pages."""

    def program() -> None:
        from components import StaticSite

        with tempfile.TemporaryDirectory() as folder:
            for number in range(count // 2):
                Path(folder, f"page-{number}.html").write_text(f"<p>{number}", "utf-8")
                Path(folder, f"image-{number}.svg").write_text(f"<svg id='i{number}'/>", "utf-8")
            StaticSite("site", {"content": folder, "functions": {"python": PYTHON}})

    return program


def bare(count: int) -> Callable[[], None]:
    """Return a program with `count` resources without pulumi-aws: the cost of SDK and monitor."""

    def program() -> None:
        import pulumi

        top = pulumi.ComponentResource("colonnade:index:Bare", "bare")
        for number in range(count):
            pulumi.CustomResource(
                "aws:sqs/queue:Queue",
                f"bare-{number}",
                {"delaySeconds": 5, "url": None, "arn": None},
                pulumi.ResourceOptions(parent=top),
            )

    return program


def main(kind: str, count: int, collector: str) -> None:
    """Run the program under the monitor of previews."""
    if collector == "rare":
        gc.set_threshold(200_000, 20, 100)
        atexit.register(gc.freeze)
    from local.engine import preview, stackconfig

    programs = {
        "platform": lambda _: platform,
        "components": components,
        "site": site,
        "bare": bare,
    }
    given = {"lambdaPython": PYTHON, "alarmEmail": "someone@example.com"}
    config = stackconfig.load(ROOT, "prod", given)
    made = preview.run(
        programs[kind](count), config.values, config.project, "prod", config.provider()
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    seconds = time.perf_counter() - STARTED
    print(json.dumps({"resources": len(made.resources), "seconds": seconds, "peak": peak}))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), sys.argv[3])
