"""Requirements: all files are inputs, and all packages have hashes."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from components._blocks.build_process import BundleError
from tests.unit.blocks.callers import HANDLER, build, packed, wheel, write

pytestmark = pytest.mark.slow  # installs packages


@pytest.mark.parametrize(
    "line",
    ["-r common.txt", "--requirement=common.txt", "-r ../common.txt # shared"],
)
def test_included_requirements_are_inputs(mine: Path, wheels: Path, line: str):
    old, new = (wheel(wheels, "spam", {"spam.py": f"V = {v}"}, v) for v in ("1", "2"))
    common = mine / ("../common.txt" if ".." in line else "common.txt")
    common.write_text(old)
    write(mine, {"app.py": f"import spam\n{HANDLER}", "requirements.txt": f"{line}\n"})
    before = build()
    common.write_text(new)
    after = build()
    assert after != before
    with zipfile.ZipFile(before) as first, zipfile.ZipFile(after) as second:
        assert (first.read("spam.py"), second.read("spam.py")) == (b"V = 1", b"V = 2")


def test_files_that_include_each_other_are_read_once(mine: Path, wheels: Path):
    pin = wheel(wheels, "spam", {"spam.py": ""})
    write(mine, {"requirements.txt": "-r a.txt\n", "a.txt": f"-c b.txt\n{pin}", "b.txt": pin})
    before = build()
    write(mine, {"b.txt": f"# {pin}"})
    assert build() != before


@pytest.mark.parametrize("target", ["missing.txt", "https://example.com/x.txt", "${HOME}/x.txt"])
def test_an_included_file_must_be_there(mine: Path, target: str):
    write(mine, {"requirements.txt": f"-r {target}\n"})
    with pytest.raises(BundleError) as caught:
        build()
    assert f"'mine/requirements.txt' includes '{target}', which is no file" in str(caught.value)


def test_requirements_without_hashes_are_refused_with_the_command(mine: Path):
    write(mine, {"requirements.txt": "requests>=2\n-r more.txt\n", "more.txt": "idna==3.7 # x\n"})
    with pytest.raises(BundleError, match="idna, requests without a hash") as caught:
        build()
    assert "Rename it to requirements.in. Lock requirements.in: `python -m uv pip" in str(
        caught.value
    )


def test_the_command_locks_the_requirements(mine: Path, wheels: Path):
    wheel(wheels, "spam", {"spam.py": ""})
    write(mine, {"app.py": f"import spam\n{HANDLER}", "requirements.txt": "spam\n"})
    (mine / "requirements.in").write_text("spam\n")
    with pytest.raises(BundleError) as caught:
        build()
    command = str(caught.value).split("`")[1].split()
    assert "Rename" not in str(caught.value) and command[0] == "python"
    subprocess.run([sys.executable, *command[1:]], check=True, capture_output=True)
    assert "spam.py" in packed()


def test_hashes_may_stand_in_further_lines(mine: Path, wheels: Path):
    name, digest = wheel(wheels, "spam", {"spam.py": ""}).split()
    text = (
        f"# ours\n{name} ; python_version > '3' \\\n    --hash=sha256:{'0' * 64} \\\n    {digest}"
    )
    (mine / "requirements.txt").write_bytes(f"{text}\n    # via x\n".replace("\n", "\r\n").encode())
    assert "spam.py" in packed()
