"""The custom domain name of an API."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.arguments import Matches, Problems, declare
from .._blocks.domain_name import DOMAIN_NAME


class ApiDomainArgs(TypedDict):
    """A custom domain name, with its certificate and DNS records."""

    name: str
    """Domain name of the API: `api.example.com`."""
    zone_id: NotRequired[pulumi.Input[str]]
    """ID of the Route 53 hosted zone of the name. Required unless `shared` is true."""
    base_path: NotRequired[str]
    """First part of the path of this API: `v2`. Required if `shared` is true. Default: none; all
    paths of the name belong to this API."""
    default_endpoint: NotRequired[bool]
    """Whether clients can also call the API at the host name from API Gateway. Default: true."""
    shared: NotRequired[bool]
    """Whether another API, such as an earlier version, has created the name. This API then adds
    only its `base_path`, and must depend on the other API. Default: false."""


def _check(problems: Problems, path: str, args: ApiDomainArgs) -> None:
    has_zone = "zone_id" in args
    if args["shared"]:
        problems.unless(not has_zone, f"{path}.zone_id", "is given by the API that has the name")
        problems.unless(
            bool(args.get("base_path")), f"{path}.base_path", "is missing; `shared` requires it"
        )
    else:
        problems.unless(has_zone, f"{path}.zone_id", "is missing; it is required without `shared`")


declare(
    ApiDomainArgs,
    defaults={"default_endpoint": True, "shared": False},
    limits={
        "name": DOMAIN_NAME,
        "base_path": Matches(r"[A-Za-z0-9._-]*", "one part of a path, such as 'v2'"),
    },
    check=_check,
)


def domain_url(args: ApiDomainArgs) -> str:
    """Return the base URL of the API under its custom domain name."""
    return "/".join([f"https://{args['name']}", *filter(None, [args.get("base_path")])])


def create_api_domain(
    name: str, args: ApiDomainArgs, stage: aws.apigateway.Stage, *, parent: pulumi.Resource
) -> None:
    """Create a certificate, a custom domain name (TLS 1.2 or newer), its mapping and DNS records.

    Create only the mapping if the name is shared.

    Args:
        name: prefix of the resources.
        args: see `ApiDomainArgs`.
        stage: the stage that the name maps to.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    domain = None if args["shared"] else _create_domain(name, args, opts)
    aws.apigateway.BasePathMapping(
        f"{name}-mapping",
        rest_api=stage.rest_api,
        stage_name=stage.stage_name,
        domain_name=domain.domain_name if domain else args["name"],
        base_path=args.get("base_path"),
        opts=opts,
    )


def _create_domain(
    name: str, args: ApiDomainArgs, opts: pulumi.ResourceOptions
) -> aws.apigateway.DomainName:
    certificate = _create_certificate(name, args, opts)
    domain = aws.apigateway.DomainName(
        f"{name}-domain",
        domain_name=args["name"],
        regional_certificate_arn=certificate.certificate_arn,
        security_policy="TLS_1_2",
        endpoint_configuration={"types": "REGIONAL"},
        opts=opts,
    )
    for record_type in ("A", "AAAA"):
        aws.route53.Record(
            f"{name}-{record_type.lower()}",
            zone_id=args["zone_id"],
            name=args["name"],
            type=record_type,
            aliases=[
                {
                    "name": domain.regional_domain_name,
                    "zone_id": domain.regional_zone_id,
                    "evaluate_target_health": False,
                }
            ],
            opts=opts,
        )
    return domain


def _create_certificate(
    name: str, args: ApiDomainArgs, opts: pulumi.ResourceOptions
) -> aws.acm.CertificateValidation:
    certificate = aws.acm.Certificate(
        f"{name}-certificate", domain_name=args["name"], validation_method="DNS", opts=opts
    )
    proof = certificate.domain_validation_options[0]
    record = aws.route53.Record(
        f"{name}-certificate-proof",
        zone_id=args["zone_id"],
        name=proof.resource_record_name,
        type=proof.resource_record_type,
        records=[proof.resource_record_value],
        ttl=300,
        opts=opts,
    )
    return aws.acm.CertificateValidation(
        f"{name}-certificate-validation",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn],
        opts=opts,
    )
