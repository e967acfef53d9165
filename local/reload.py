"""Reloads saved code into the running functions, and saved pages into their buckets."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.cloud import Cloud
from local.pages import Pages

FUNCTION = "aws:lambda/function:Function"


class Reload:
    """Watches handlers and pages of a project while its stack runs.

    Args:
        cloud: The cloud of the stack.
        project: The folder of Pulumi.yaml.
        say: Receives a line for each event.
    """

    def __init__(self, cloud: Cloud, project: Path, say: Callable[[str], None]) -> None:
        self._cloud = cloud
        self._handlers, self._sites = project / "handlers", project / "site"
        self._pages = Pages(cloud, project)
        self._say = say
        self._stop = threading.Event()
        self._bundles = dict(self._bundled())
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Watches in a thread until `stop`."""
        if self._folders:
            self._thread.start()

    def stop(self) -> None:
        """Stops watching."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    @property
    def _folders(self) -> list[Path]:
        folders = [self._handlers] if self._bundles else []
        return [*folders, self._sites] if self._sites.is_dir() else folders

    def _bundled(self) -> list[tuple[str, str]]:
        """Returns name and zip of the functions whose zip can be built again."""
        code = [
            (each.id, each.inputs.get("code", {}).get("path", ""))
            for each in self._cloud.resources
            if each.type == FUNCTION
        ]
        return [(name, zip_) for name, zip_ in code if _manifest(zip_).is_file()]

    def _watch(self) -> None:
        from watchfiles import watch

        from components._blocks import bundle as _bundle  # noqa: F401  imported early, so that the first save does not wait for it

        for changes in watch(
            *self._folders, stop_event=self._stop, debounce=200, step=50, rust_timeout=200
        ):
            paths = sorted({Path(path) for _, path in changes if "__pycache__" not in path})
            saved = [path for path in paths if path.is_relative_to(self._handlers)]
            self._publish([path for path in paths if path.is_relative_to(self._sites)])
            broken = [problem for path in saved if (problem := self._syntax_error(path))]
            for problem in broken:
                self._say(f"{problem}; the old code is kept")
            if saved and not broken:
                self._rebuild()

    def _publish(self, saved: list[Path]) -> None:
        try:
            for line in self._pages.publish(saved):
                self._say(line)
        except Exception as error:  # a failed copy must not stop the watching
            self._say(f"{' '.join(str(error).split())}; the old page is kept")

    def _syntax_error(self, path: Path) -> str:
        if path.suffix != ".py" or not path.is_file():
            return ""
        try:
            compile(path.read_bytes(), str(path), "exec")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            where = path.relative_to(self._handlers.parent)
            return f"{where}:{line or 1}: {getattr(error, 'msg', error)}"
        return ""

    def _rebuild(self) -> None:
        from components._blocks.bundle import rebuild

        for name, old in self._bundles.items():
            try:
                new = rebuild(old)
                if new != old:
                    self._update(name, new)
            except Exception as error:  # a failed build must not stop the watching
                self._say(f"{name}: {' '.join(str(error).split())}; the old code is kept")

    def _update(self, name: str, bundle: str) -> None:
        client: Any = self._cloud.client("lambda")
        client.update_function_code(FunctionName=name, ZipFile=Path(bundle).read_bytes())
        self._bundles[name] = bundle
        self._say(f"{name}: reloaded")


def _manifest(bundle: str) -> Path:
    return Path(bundle).with_suffix(".json") if bundle.endswith(".zip") else Path("/nonexistent")
