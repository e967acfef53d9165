"""A REST API of API Gateway, which is deployed only when its document has changed."""

import hashlib
import json
from collections.abc import Mapping
from typing import Any, Optional

import pulumi
import pulumi_aws as aws

from .._blocks.api_account import create_api_account
from .method_settings import Settings, create_method_settings

_ACCESS_LOG = {
    name: f"$context.{variable}"
    for name, variable in {
        "requestId": "requestId",  # clients can choose it by a header
        "extendedRequestId": "extendedRequestId",
        "time": "requestTime",
        "method": "httpMethod",
        "path": "resourcePath",  # the template: the path itself can contain users' input
        "status": "status",
        "latencyMs": "responseLatency",
        "functionMs": "integration.latency",
        "error": "error.responseType",
        "bytes": "responseLength",
        "user": "authorizer.claims.sub",
        "ip": "identity.sourceIp",
    }.items()
}


class RestApi:
    """An API, its deployment and its stage. Adds no level to the URN.

    Args:
        name: name of the component.
        parent: the component.
        body: the rendered document; leaves may be Outputs.
        default_endpoint: whether the API answers at its host name from API Gateway.
        stage_name: last part of the API's default URL.
        log_retention_days: retention of the access log and of the execution log.
        account_logging: whether to set the account's role with which API Gateway writes logs.
        settings: the settings of its methods.
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        body: Mapping[str, Any],
        default_endpoint: bool,
        stage_name: str,
        log_retention_days: int,
        account_logging: bool,
        settings: Settings,
    ) -> None:
        self._name, self._parent = name, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        # Sorted keys: the same document must give the same text, and so no new deployment.
        text = pulumi.Output.json_dumps(dict(body), sort_keys=True)
        self.api = aws.apigateway.RestApi(
            f"{name}-api",
            body=text,
            endpoint_configuration={"types": "REGIONAL"},
            disable_execute_api_endpoint=not default_endpoint,
            # TLS 1.2 or newer, for a custom domain name too; the default accepts TLS 1.0.
            security_policy="SecurityPolicy_TLS13_1_2_PQ_2025_09",
            endpoint_access_mode="BASIC",
            put_rest_api_mode="overwrite",
            fail_on_warnings=True,
            minimum_compression_size="1024",
            opts=self._opts,
        )
        deployment = aws.apigateway.Deployment(
            f"{name}-deployment",
            rest_api=self.api.id,
            triggers={"document": text.apply(_digest)},
            opts=self._opts,
        )
        self.stage = self._create_stage(
            deployment,
            stage_name,
            log_retention_days,
            account_logging,
            settings.cache["size_gb"] if settings.cache else None,
        )
        create_method_settings(name, settings, self.stage, parent=parent)
        self.url = self.stage.invoke_url
        self.execution_arn = self.api.execution_arn

    def _create_stage(
        self,
        deployment: aws.apigateway.Deployment,
        stage_name: str,
        log_retention_days: int,
        account_logging: bool,
        cache_size: Optional[str],
    ) -> aws.apigateway.Stage:
        log_group = aws.cloudwatch.LogGroup(
            f"{self._name}-access-logs", retention_in_days=log_retention_days, opts=self._opts
        )
        ready: list[pulumi.Resource] = [self._create_execution_log(stage_name, log_retention_days)]
        if account_logging:
            # API Gateway rejects a stage with logs until the account has a role for logs.
            ready.append(create_api_account(self._name, parent=self._parent))
        return aws.apigateway.Stage(
            f"{self._name}-stage",
            rest_api=self.api.id,
            deployment=deployment.id,
            stage_name=stage_name,
            xray_tracing_enabled=True,
            access_log_settings={
                "destination_arn": log_group.arn,
                "format": json.dumps(_ACCESS_LOG),
            },
            cache_cluster_enabled=cache_size is not None,
            cache_cluster_size=cache_size,
            opts=pulumi.ResourceOptions(parent=self._parent, depends_on=ready),
        )

    def _create_execution_log(
        self, stage_name: str, retention_days: int
    ) -> aws.cloudwatch.LogGroup:
        """Create the log group before API Gateway would, without retention and for ever.

        Source: "Managing the API Logging CloudWatch Log Group" in the provider's documentation of
        stages.
        """
        return aws.cloudwatch.LogGroup(
            f"{self._name}-execution-logs",
            name=pulumi.Output.concat("API-Gateway-Execution-Logs_", self.api.id, "/", stage_name),
            retention_in_days=retention_days,
            opts=self._opts,
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
