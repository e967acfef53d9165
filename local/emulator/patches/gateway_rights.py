"""API Gateway needs a permission to invoke a function.

Stock 1.5.33 invokes the function of any integration or authorizer, so that a program without an
`aws.lambda_.Permission`, or with one for another API, alias or route, works here and answers 500 on
AWS.

AWS: "Control access to a REST API with resource-based policies for Lambda" (the source ARN is
`<execution ARN>/<stage>/<method>/<resource path>`; a function's alias has its own policy). An
integration with `credentials` uses that role instead.

ministack has fixed this when tests/emulator/test_gateway_rights.py passes with
`unpatched=("gateway_rights",)`.
"""

import logging
from typing import Any

from ministack.core.arn import execute_api_arn
from ministack.services import apigateway_v1 as gateway
from ministack.services import lambda_svc

from ..policies import function_allows, role_allows
from . import Server

SERVICE = "apigateway.amazonaws.com"
log = logging.getLogger(__name__)


def apply(server: Server) -> None:
    gateway._invoke_lambda_proxy_v1 = _if_allowed(gateway._invoke_lambda_proxy_v1)
    gateway._invoke_lambda_custom_v1 = _if_allowed(gateway._invoke_lambda_custom_v1)


def _if_allowed(invoke: Any) -> Any:
    async def invoke_if_allowed(integration: Any, *request: Any, **owner: Any) -> Any:
        api, stage, _settings, resource, _path, method = request[:6]
        arn = gateway._extract_lambda_ref_from_integration_uri(integration.get("uri", ""))
        # The path of the resource, with each parameter as a wildcard.
        route = "/".join("*" if "{" in part else part for part in resource["path"].split("/"))
        where = (owner["owner_region"], owner["owner_account_id"])
        source = execute_api_arn(*where, api, stage, method, route)
        if not _allowed(arn, source, integration.get("credentials")):
            log.warning("API Gateway has no permission to invoke %s for %s", arn, source)
            return gateway._gw_error("API_CONFIGURATION_ERROR", "Internal server error")
        return await invoke(integration, *request, **owner)

    return invoke_if_allowed


def _allowed(arn: str, source: str, role: str | None) -> bool:
    function, _config, _name = lambda_svc._get_func_record_for_ref(arn)
    if not function:
        return True  # stock handles missing functions
    if role:
        return role_allows(role, "lambda:InvokeFunction", arn)
    return function_allows(arn, SERVICE, source)
