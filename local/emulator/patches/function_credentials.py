"""Nobody can calculate the credentials of a function.

Stock 1.5.33 derives a function's access key, secret and session token from the ARNs of the function
and its role, which are the same in every run and on every machine. Whoever knows the names, such as
the author of a web page, signs requests as the function.

They have no expiry either, for which the check of a database's login refuses them.

AWS: "Defining Lambda function permissions with an execution role": Lambda assumes the role, and STS
returns new credentials. Here they last for the run, as processes of one function share them.

ministack has fixed this when tests/emulator/test_function_credentials.py passes with
`unpatched=("function_credentials",)`.
"""

import hmac
import secrets
import time
from types import SimpleNamespace
from typing import Any

from ministack.core import lambda_runtime
from ministack.services import sts

from . import Server

RUN_SECONDS = 365 * 24 * 3600


def apply(server: Server) -> None:
    key = secrets.token_bytes(32)
    # The module hashes nothing but the ARNs.
    lambda_runtime.hashlib = SimpleNamespace(sha256=lambda arns: hmac.new(key, arns, "sha256"))
    register = sts.register_session

    def register_session(key: str, session: dict[str, Any]) -> None:
        # Only those of functions have none.
        register(key, {"Expiration": time.time() + RUN_SECONDS, **session})

    sts.register_session = register_session
