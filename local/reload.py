"""Reloads saved handler code into the running functions."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.cloud import Cloud

FUNCTION = "aws:lambda/function:Function"


class Reload:
    """Watches a folder of handlers while a stack runs. `say` receives a line for each event."""

    def __init__(self, cloud: Cloud, handlers: Path, say: Callable[[str], None]) -> None:
        self._cloud = cloud
        self._handlers = handlers
        self._say = say
        self._stop = threading.Event()
        self._bundles = dict(self._bundled())
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def start(self) -> None:
        """Watches in a thread until `stop`."""
        if self._bundles:
            self._thread.start()

    def stop(self) -> None:
        """Stops watching."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

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
            self._handlers, stop_event=self._stop, debounce=200, step=50, rust_timeout=200
        ):
            saved = sorted({Path(path) for _, path in changes if "__pycache__" not in path})
            broken = [problem for path in saved if (problem := self._syntax_error(path))]
            for problem in broken:
                self._say(f"{problem}; the old code is kept")
            if saved and not broken:
                self._rebuild()

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
