"""A VPC origin leads to its load balancer, by its own protocol and port.

Stock 1.5.33 finds the load balancer by the domain name of the origin only, so that another name
answers 502, and takes the protocol of the viewer, so that HTTPS viewers get 502 too.

AWS: "Restrict access with VPC origins", and `VpcOriginEndpointConfig` in the API reference.
Listeners with HTTPS are not emulated: they answer 502.

ministack has fixed this when tests/emulator/test_vpc_origins.py passes with
`unpatched=("vpc_origins",)`.
"""

from typing import Any

from ministack.core.responses import request_scope
from ministack.services import alb, cloudfront

from . import Server


def apply(server: Server) -> None:
    read, find, fetch = (
        cloudfront._dataplane_origin,
        cloudfront._registered_alb,
        cloudfront._fetch_from_alb_origin,
    )

    def read_origin(element: Any) -> dict[str, Any]:
        origin: dict[str, Any] = read(element)
        private = cloudfront._find(element, "VpcOriginConfig")
        if private is None:
            return origin
        made = cloudfront._vpc_origins.get(cloudfront._text(private, "VpcOriginId"))
        config = made["VpcOriginEndpointConfig"]
        return {
            **origin,
            "endpoint": config["Arn"],
            "http_port": config["HTTPPort"],
            "https_port": config["HTTPSPort"],
            "protocol_policy": config["OriginProtocolPolicy"],
            "read_timeout": int(cloudfront._text(private, "OriginReadTimeout") or "30"),
        }

    def find_balancer(origin: dict[str, Any]) -> Any:
        arn = origin.get("endpoint")
        if arn is None:
            return find(origin)
        with _scope(arn):
            found = alb._lbs.get(arn)
        if found is None:
            raise cloudfront.OriginUnreachable(f"{arn} is gone")
        return found

    async def fetch_from_balancer(balancer: Any, *request: Any) -> Any:
        with _scope(balancer["LoadBalancerArn"]):
            return await fetch(balancer, *request)

    cloudfront._dataplane_origin = read_origin
    cloudfront._registered_alb = find_balancer
    cloudfront._fetch_from_alb_origin = fetch_from_balancer


def _scope(arn: str) -> Any:
    _arn, _aws, _service, region, account, _rest = arn.split(":", 5)
    return request_scope(account, region)
