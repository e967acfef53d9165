"""The guard of quick tests, and what it says of the tests of this repository."""

import subprocess
import sys
from pathlib import Path

import pytest
import uv

from tests.quick import FOLDERS

TESTS = Path(__file__).parents[1]


@pytest.mark.parametrize(
    "command",
    [
        [sys.executable, "-m", "local", "down"],
        [sys.executable, "-m", "local.emulator", "--port", "0"],
        [uv.find_uv_bin(), "pip", "list"],
        [sys.executable, "-m", "pip", "list"],
    ],
)
def test_a_quick_test_that_starts_what_takes_long_fails(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(pytest.fail.Exception, match="a quick test starts"):
        subprocess.run(command, check=False)


def test_other_programs_may_be_started():
    assert subprocess.check_output(["git", "--version"])


def test_the_folders_of_slow_tests_exist():
    assert [each for each in FOLDERS if not (TESTS / each).is_dir()] == []
