"""IAM for calls that AWS services make themselves, which have no request to check."""

import time
from functools import lru_cache

from ministack.core import iam_evaluator
from ministack.core.iam_evaluator import EvalContext
from ministack.core.responses import get_account_id, get_region
from ministack.services import lambda_svc


def function_allows(arn: str, service: str, source: str) -> bool:
    """Return whether a function's permissions allow a service to invoke it for a source.

    Args:
        arn: The ARN to invoke, with the qualifier if there is one. A permission for an alias does
            not apply to the function, and vice versa.
        service: The service principal, such as `events.amazonaws.com`.
        source: ARN of the rule, bucket or other resource that the service acts for.
    """
    context = EvalContext(
        principal_arn="*",
        principal_type="Service",
        principal_account="",
        action="lambda:InvokeFunction",
        resource_arn=arn,
        region=get_region(),
        secure_transport=True,
        service_context={"aws:sourcearn": source, "aws:sourceaccount": get_account_id()},
    )
    # ministack has no records of permissions for versions and aliases.
    function = lambda_svc._get_func_record_for_ref(":".join(arn.split(":")[:7]))[0]
    if not function:
        return False
    result = iam_evaluator.evaluate_resource_policy(function["policy"], context, service=service)
    return bool(result.decision == "Allow")


def role_allows(role: str, action: str, resource: str) -> bool:
    """Return whether the policies of a role (by ARN) allow an action on a resource."""
    name, account = role.rpartition("/")[2], role.split(":")[4]
    context = EvalContext(
        principal_arn=role,
        principal_type="AssumedRole",
        principal_account=account,
        action=action,
        resource_arn=resource,
        region=get_region(),
        secure_transport=True,
    )
    policies = iam_evaluator._gather_role_policies(name, account)
    return bool(iam_evaluator.evaluate(context, policies).decision == "Allow")


def role_allows_cached(role: str, action: str, resource: str) -> bool:
    """Return `role_allows`, cached for a second, for checks that are very frequent."""
    return _role_allowed(role, action, resource, int(time.monotonic()))


@lru_cache(1024)
def _role_allowed(role: str, action: str, resource: str, _second: int) -> bool:
    return role_allows(role, action, resource)
