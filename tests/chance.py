"""Random choices of tests: the same in every run unless TEST_SEED is set, as in nightly runs."""

import os
import random

import hypothesis

SEED = os.environ.get("TEST_SEED", "")

hypothesis.settings.register_profile("fixed", derandomize=True, deadline=None, max_examples=50)
hypothesis.settings.register_profile("random", deadline=None, max_examples=1000, print_blob=True)
hypothesis.settings.load_profile("random" if SEED else "fixed")


def chance(number: int) -> random.Random:
    """Return a source of random choices, a different one for each number."""
    return random.Random(f"{SEED} {number}" if SEED else number)


def seed(number: int) -> int:
    """Return TEST_SEED, or `number` if it is not set."""
    return int(SEED) if SEED else number
