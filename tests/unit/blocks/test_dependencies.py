"""Dependencies: a missing package is found by name, and others give no alarm."""

from pathlib import Path

import pytest

from components._blocks.build_process import BundleError
from components._blocks.bundle import Bundle
from tests.interpreters import every_interpreter, interpreter_or_skip  # noqa: F401
from tests.projects import PYTHON
from tests.unit.blocks.callers import HANDLER, build, packed, wheel, write

pytestmark = pytest.mark.slow  # installs packages


@pytest.mark.parametrize(
    ("code", "missing"),
    [
        ("import requests", "requests"),
        ("import requests.adapters as x", "requests.adapters"),
        ("from requests import get", "requests"),
        ("class A:\n    import requests", "requests"),
        ("import part", "requests"),
        ("from google.cloud import storage", "google.cloud"),
        ("from google import auth", "google"),
        ("import templates.page", "templates.page"),
        ("try:\n    import requests\nexcept KeyError: ...", "requests"),
        ("try:\n    pass\nfinally:\n    import requests", "requests"),
        ("if not TYPE_CHECKING:\n    pass\nimport requests", "requests"),
    ],
)
def test_a_missing_package_is_found_by_name(mine: Path, code: str, missing: str):
    write(
        mine,
        {
            "app.py": f"{code}\n{HANDLER}",
            "part.py": "import requests\n",
            "google/rpc/x.py": "",
            "templates/page.json": "",
        },
    )
    with pytest.raises(BundleError) as caught:
        build()
    assert f"for the import of {missing} (" in str(caught.value)
    assert "Add the package to mine/requirements.in and lock it: `python -m uv" in str(caught.value)


@pytest.mark.parametrize(
    "code",
    [
        "import boto3, botocore.exceptions, dateutil, urllib3, six, jmespath, s3transfer",
        "import json, os.path, _thread, sys, __main__, importlib.metadata as m",
        "try:\n    import requests\nexcept ImportError:\n    import urllib3 as requests",
        "try:\n    import requests\nexcept (ValueError, ModuleNotFoundError): ...",
        "try:\n    import orjson as json\nexcept:\n    import json",
        "import contextlib\nwith contextlib.suppress(ImportError):\n    import requests",
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import requests",
        "import typing as t\nif t.TYPE_CHECKING:\n    from mypy_boto3_s3 import S3Client",
        "import sys\nif sys.version_info < (3, 9):\n    import tomli",
        "if __name__ == '__main__':\n    import uvicorn",
        "import requests  # layer",
        "from requests import (  # layer: ours\n    get,\n)",
        "import inbox, environment",
        "import part.other, space.inner",
        "from part import anything",
        "from space import inner",
        "from . import sibling",
        "import spam.eggs",
        "from spam import *",
        "import native",
        "import sys\nsys.path.insert(0, 'vendor')\nimport vendored",
    ],
)
def test_an_import_that_finds_its_module_is_no_alarm(mine: Path, wheels: Path, code: str):
    pin = wheel(wheels, "spam", {"spam/__init__.py": "", "native.cpython-313-x.so": ""})
    write(
        mine,
        {
            "app.py": f"{code}\n{HANDLER}",
            "requirements.txt": pin,
            "part/__init__.py": "",
            "part/other.py": "",
            "space/inner.py": "",
            "sibling.py": "",
            "vendor/vendored.py": "",
            "unused.py": "import requests",
        },
    )
    assert "app.py" in packed()


def test_a_missing_package_of_a_called_function_is_a_warning(mine: Path, log: list[str]):
    write(mine, {"app.py": f"def report():\n    import requests\n{HANDLER}"})
    build()
    [line] = log
    assert line.startswith("warn: ") and "for the import of requests (app.py:2)" in line


@pytest.mark.usefixtures("every_interpreter")
def test_the_standard_library_is_that_of_the_functions_python(mine: Path):
    interpreter_or_skip("3.13")
    write(mine, {"app.py": f"import graphlib, telnetlib\n{HANDLER}"})  # removed in 3.13
    with pytest.raises(BundleError, match=r"for the import of telnetlib \(app\.py:1\)\."):
        Bundle("mine", python="3.13").build()


def test_a_library_that_something_else_imports_is_checked_too(mine: Path):
    bundle = Bundle("mine", python=PYTHON, more_libraries=("outbox",))
    with pytest.raises(BundleError, match=r"for the import of fastjsonschema \(outbox/"):
        bundle.build()
