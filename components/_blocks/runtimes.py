"""Runtimes: the CPUs and the Python versions that functions can have."""

import os

PLATFORMS = {"arm64": "aarch64-manylinux_2_28", "x86_64": "x86_64-manylinux_2_28"}
"""Architectures, with the wheels for each: glibc 2.28 or older. Amazon Linux 2023 has 2.34."""
ARCHITECTURES = tuple(PLATFORMS)

LAMBDA_PYTHONS = ("3.12", "3.13", "3.14")
"""Under each of these, tests/unit/blocks/test_runtimes.py imports every bundle.

Lambda's Python 3.11 runs on Amazon Linux 2, whose glibc 2.26 is older than the wheels need. Source:
"Lambda runtimes" in the Lambda developer guide.
"""
# Local mode runs functions on the Python of its machine: see local/__init__.py.
_OF_LOCAL_MODE = os.environ.get("COLONNADE_LOCAL_PYTHON", "").split()
PYTHONS = tuple(sorted({*LAMBDA_PYTHONS, *_OF_LOCAL_MODE}))
"""Python versions that functions can have here."""

RUNTIME_MODULES = frozenset(
    (
        # boto3 and what it needs, as in requirements/lambda.txt.
        *("boto3", "botocore", "dateutil", "jmespath", "s3transfer", "six", "urllib3"),
        # The client of the runtime itself, with its hooks for SnapStart.
        *("awslambdaric", "snapshot_restore_py"),
    )
)
"""Modules that Lambda's runtime has beside Python's own.

Source: "Runtime-included packages" in "Building Lambda functions with Python", Lambda developer
guide.
"""
