"""`cloud`: the platform itself, running."""

from collections.abc import Iterator

import pytest

from local.cloud import Cloud


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The whole platform of the dev stack."""
    with Cloud() as running:
        yield running
