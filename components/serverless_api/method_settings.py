"""The settings of an API's methods: request limits, logs and caching.

API Gateway counts the requests of each method for itself, also where all methods have the same
limits, and its limits are targets, which single moments can exceed ("Throttle requests to your REST
APIs for better throughput" in the API Gateway developer guide).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Between, Problems, declare
from .cache import CacheArgs
from .openapi import Document, Operation


class ThrottleArgs(TypedDict):
    """Limits of a method, for the requests of all clients together."""

    rate_limit: float
    """Steady-state rate, 0.1 to 10000 requests per second."""
    burst_limit: int
    """Maximum burst, 1 to 5000 requests."""


declare(
    ThrottleArgs,
    limits={
        "rate_limit": Between(0.1, 10_000, "requests per second"),
        "burst_limit": Between(1, 5_000, "requests"),
    },
)


@dataclass(frozen=True)
class Settings:
    """What the settings of an API's methods follow from."""

    operations: Sequence[Operation]
    throttle: ThrottleArgs
    """Limits of each method."""
    throttles: Mapping[str, ThrottleArgs]
    """Limits of single operations, by `operationId`."""
    cache: Optional[CacheArgs]


def check_throttles(
    problems: Problems, throttles: Mapping[str, ThrottleArgs], document: Document
) -> None:
    """Check that the operations with limits of their own exist."""
    for name in sorted(set(throttles) - {each.id for each in document.operations}):
        problems.add(f'operation_throttles["{name}"]', "is not an operation of the document")


def create_method_settings(
    name: str, settings: Settings, stage: aws.apigateway.Stage, *, parent: pulumi.Resource
) -> None:
    """Create the settings of all methods, and those of each method that differs.

    A method has one resource for all of its settings: two would delete each other's, as the
    provider removes the settings of the method as a whole.

    Args:
        name: prefix of the resources' names.
        settings: see `Settings`.
        stage: the stage of the API.
        parent: the component they belong to.
    """
    everywhere = aws.apigateway.MethodSettings(
        f"{name}-settings",
        rest_api=stage.rest_api,
        stage_name=stage.stage_name,
        method_path="*/*",
        settings={**_basics(settings.throttle), "caching_enabled": False},
        opts=pulumi.ResourceOptions(parent=parent),
    )
    cache = settings.cache
    cached = cache["cache_keys"] if cache else {}
    for operation in settings.operations:
        if operation.id not in cached and operation.id not in settings.throttles:
            continue
        aws.apigateway.MethodSettings(
            f"{name}-settings-{operation.id}",
            rest_api=stage.rest_api,
            stage_name=stage.stage_name,
            method_path=_method_path(operation),
            # The settings of a method replace those of all methods, so they repeat them.
            settings={
                **_basics(settings.throttles.get(operation.id, settings.throttle)),
                **_caching(cache if operation.id in cached else None),
            },
            opts=pulumi.ResourceOptions(
                parent=parent,
                depends_on=[everywhere],
                aliases=[pulumi.Alias(name=f"{name}-cache-{operation.id}")],
            ),
        )


def _method_path(operation: Operation) -> str:
    """Return the key of a method's settings: `~1todos~1{todoId}/GET`.

    The key is one part of a JSON pointer, which the provider passes on as it is. API Gateway
    refuses slashes that are not escaped (`PatchOperation` in the API Gateway API reference,
    terraform-provider-aws issue 9738).
    """
    return f"{operation.path.replace('/', '~1')}/{operation.method.upper()}"


def _basics(throttle: ThrottleArgs) -> aws.apigateway.MethodSettingsSettingsArgsDict:
    return {
        "metrics_enabled": True,
        "logging_level": "ERROR",
        "data_trace_enabled": False,  # it would log tokens and bodies
        "throttling_rate_limit": throttle["rate_limit"],
        "throttling_burst_limit": throttle["burst_limit"],
    }


def _caching(cache: Optional[CacheArgs]) -> aws.apigateway.MethodSettingsSettingsArgsDict:
    if cache is None:
        return {"caching_enabled": False}
    return {
        "caching_enabled": True,
        "cache_ttl_in_seconds": cache["ttl_seconds"],
        "cache_data_encrypted": True,
        "require_authorization_for_cache_control": True,
        "unauthorized_cache_control_header_strategy": "SUCCEED_WITH_RESPONSE_HEADER",
    }
