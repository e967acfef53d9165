"""Quick tests, and a guard for them.

A quick test starts no emulator, browser, Pulumi CLI or package manager. `make check` runs the quick
tests (`-m "not slow"`), `make test` runs all. The mark `slow` follows from a test's folder and from
its fixtures. Other tests that start such a program carry the mark themselves, or fail; so do tests
that start several previews of the whole platform.
"""

import os
import re
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.projects import ROOT

FOLDERS = ("engine", "soak", "platform", "examples", "emulator")
"""All tests here are slow. The longest come first, so that no worker idles at the end."""
GRAPHS = {
    "policy/test_rules.py",
    "tools/test_deploy_policy.py",
    "unit/test_bundle_boundary.py",
    "unit/test_drift.py",
    "unit/test_house_rules.py",
    "unit/test_idle_cost.py",
    "unit/test_permissions_boundary.py",
    "unit/test_customer_managed_key.py",
    "unit/test_resource_policies.py",
}
"""Files whose tests share the graphs of both stacks."""
FIXTURES = {"account", "browser", "cloud", "deploy", "emulator"}
PROGRAMS = re.compile(r"-m local\b|^\S*/(pulumi|chrom\w*|npm|npx|playwright/driver/node) ")
PACKAGES = re.compile(r"^\S*/(uv|pip) |-m pip ")

_running: list[pytest.Item] = []


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: starts an emulator, browser, CLI or package manager")
    sys.addaudithook(_refuse)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark slow tests, and put the longest first."""
    for item in items:
        if _folder(item) in FOLDERS or FIXTURES.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
        shares_graphs = "graphs" in getattr(item, "fixturenames", ())
        assert shares_graphs <= (_place(item.nodeid) in GRAPHS), f"add {item.nodeid} to GRAPHS"
    items.sort(key=_rank)


class ByGroup(LoadScopeScheduling):
    """Runs the tests of a group in one worker.

    A group is a file, or several files whose tests share what takes long to create. The groups of
    pytest-xdist's own `loadgroup` do not work with pytest 9.2, which ignores the changed node IDs.
    """

    def _split_scope(self, nodeid: str) -> str:
        place = _place(nodeid)
        if place in GRAPHS:
            return "graphs"
        return place.rsplit("/", 1)[0] if "_site/" in place else place


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByGroup:
    """Tell pytest-xdist how to distribute the tests."""
    return ByGroup(config, log)


def _folder(item: pytest.Item) -> str:
    return item.path.relative_to(ROOT / "tests").parts[0]


def _place(nodeid: str) -> str:
    """The file of a test, relative to `tests`."""
    return nodeid.split("::", 1)[0].removeprefix("tests/")


def _rank(item: pytest.Item) -> int:
    folder = _folder(item)
    if item.get_closest_marker("slow"):
        return FOLDERS.index(folder) if folder in FOLDERS else len(FOLDERS)
    return len(FOLDERS) + (1 if folder == "unit" else 2)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[None]:
    _running.append(item)
    try:
        return (yield)
    finally:
        _running.pop()


def _refuse(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "subprocess.Popen" or not _running or _running[-1].get_closest_marker("slow"):
        return
    command = arguments[1]
    words = [command] if isinstance(command, str | bytes | Path) else command
    program, *rest = (os.fsdecode(each) for each in words)
    line = " ".join((shutil.which(program) or "", *rest, ""))
    # The cache of bundles of the project itself is filled once, by whatever needs it first.
    fills_the_cache = Path.cwd() == ROOT
    if PROGRAMS.search(line) or (PACKAGES.search(line) and not fills_the_cache):
        pytest.fail(f"a quick test starts `{line[:200].strip()}`: mark it slow, see tests/quick.py")
