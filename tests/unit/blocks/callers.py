"""A caller's own function, and packages that it may require."""

import hashlib
import zipfile
from pathlib import Path

from components._blocks.bundle import Bundle
from tests.projects import PYTHON

HANDLER = "def handler(event, context): ...\n"


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def build(source: str = "mine") -> str:
    return Bundle(source, python=PYTHON).build()


def packed(source: str = "mine") -> set[str]:
    """Names in the archive, without bytecode."""
    with zipfile.ZipFile(build(source)) as archive:
        return {name for name in archive.namelist() if not name.endswith(".pyc")}


def wheel(folder: Path, name: str, files: dict[str, str], version: str = "1") -> str:
    """Make a package. Return the line that pins it."""
    about = f"{name}-{version}.dist-info"
    path = folder / f"{name}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            archive.writestr(file, text)
        archive.writestr(
            f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        )
        archive.writestr(
            f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
        )
        archive.writestr(f"{about}/RECORD", "")
    return f"{name}=={version} --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"
