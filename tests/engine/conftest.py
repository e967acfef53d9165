"""`account`: an empty AWS account with its own Pulumi home. `checkout`: the platform in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from local.emulator.process import Emulator
from local.provider.stack import CLI
from tests.engine.accounts import Account
from tests.engine.projects import Checkout

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip these tests if there is no engine. .ci/run checks the reason."""
    if CLI is None:
        for item in items:
            if HERE in item.path.parents:
                item.add_marker(
                    pytest.mark.skip(reason="there is no Pulumi CLI; run `make engine`")
                )


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """An empty account."""
    emulator = Emulator(port=0, folder=None)
    emulator.start()
    try:
        yield Account(tmp_path_factory.mktemp("account"), emulator.endpoint, emulator.secret)
    finally:
        emulator.stop()


@pytest.fixture(scope="module")
def checkout(account: Account) -> Checkout:
    """A copy of the platform with its stacks dev and prod configured for this machine."""
    made = Checkout(account, "platform")
    for stack in ("dev", "prod"):
        made.configure(stack)
    return made
