"""An upgrade of the last release's stack to the current program."""

import subprocess

import pytest

from tests.engine.accounts import ROOT, Account
from tests.engine.projects import Checkout
from tools.graph.stateful import loss

LAST_RELEASE = subprocess.run(
    ["git", "describe", "--tags", "--abbrev=0", "--match=v*"],
    cwd=ROOT,
    capture_output=True,
    text=True,
).stdout.strip()


@pytest.mark.skipif(not LAST_RELEASE, reason="there is no release yet")
def test_an_upgrade_from_the_last_release_loses_nothing(account: Account):
    release = Checkout(account, "release", LAST_RELEASE)
    release.configure("dev")
    made = release.run("dev", "up")
    assert made.succeeded, made.printed
    today = Checkout(account, "today")
    today.configure("dev")

    done = today.run("dev", "preview")

    assert done.succeeded, done.printed
    assert done.troubles == []
    lost = [
        urn
        for urn, steps in done.steps.items()
        if loss(urn.split("::")[-2].rpartition("$")[2])
        and any("delete" in step or "replace" in step for step in steps)
    ]
    assert lost == []
