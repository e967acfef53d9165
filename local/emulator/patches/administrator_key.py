"""The secret access key of the administrator is checked, and differs in every run.

Stock 1.5.33 takes any signature for the key `test` and for account IDs, which have all rights. Who
reaches the port, such as another user of this machine, is the administrator.

AWS: "AWS Signature Version 4 for API requests": a request whose signature was not calculated with
the key's secret is refused, whoever owns the key.

ministack has fixed this when tests/emulator/test_administrator_key.py passes with
`unpatched=("administrator_key",)`.
"""

from dataclasses import replace
from typing import Any

from ministack.core import iam_evaluator, rds_iam
from ministack.core.iam_evaluator import ResolvedCredential
from ministack.services import s3, s3_object_lambda, sts

from . import Server


def apply(server: Server) -> None:
    stock = iam_evaluator.resolve_credential

    def resolve_credential(*about: Any, **more: Any) -> Any:
        found = stock(*about, **more)
        if isinstance(found, ResolvedCredential) and found.principal_type == "Root":
            return replace(found, secret_access_key=server.secret)
        return found

    for module in (iam_evaluator, rds_iam, s3, s3_object_lambda, sts):
        module.resolve_credential = resolve_credential
    # Only the checks of signatures and resolve_caller_identity call it: policies do not change.
    iam_evaluator._is_root_key = lambda _key: False
    _identify_administrators()


def _identify_administrators() -> None:
    stock = iam_evaluator.resolve_caller_identity

    def resolve_caller_identity(key: str) -> Any:
        if not key or not iam_evaluator.is_root_access_key(key):
            return stock(key)
        found = iam_evaluator.resolve_credential(key)
        if not isinstance(found, ResolvedCredential):
            return None
        return {
            "accessKey": key,
            "accountId": found.account_id,
            "userArn": found.principal_arn,
            "userId": found.principal_id,
            "principalOrgId": iam_evaluator._principal_org_id(found.account_id),
            "session": None,
        }

    iam_evaluator.resolve_caller_identity = resolve_caller_identity
