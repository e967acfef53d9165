"""The scratch folder of one emulator."""

import shutil
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Folder:
    """The files of one emulator, which writes nowhere else."""

    path: Path

    @property
    def temporary(self) -> Path:
        """TMPDIR of the server and the functions."""
        return self.path / "tmp"

    @property
    def server_log(self) -> Path:
        return self.path / "emulator.log"

    @property
    def function_logs(self) -> Path:
        return self.path / "function-logs.jsonl"

    def prepare(self) -> None:
        """Create the folder and remove files of an earlier run."""
        shutil.rmtree(self.temporary, ignore_errors=True)
        self.temporary.mkdir(parents=True)
        self.function_logs.write_text("", "utf-8")
