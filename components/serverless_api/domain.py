"""ApiDomain: an API under a name of one's own."""

import re
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.validate import Problems


class ApiDomainArgs(TypedDict):
    name: str
    """The API's name: `api.example.com`."""
    zone_id: NotRequired[pulumi.Input[str]]
    """ID of the Route 53 hosted zone that the name belongs to; needed unless `shared`."""
    base_path: NotRequired[str]
    """First part of the path that leads to this API: `v2`. Default: the whole name is its own."""
    shared: NotRequired[bool]
    """Whether another API (the version before) has made the name already; this one then only adds
    its `base_path`, and must depend on that API. Default: false."""


def domain_url(args: ApiDomainArgs) -> str:
    """Base URL of the API under its own name."""
    return "/".join([f"https://{args['name']}", *filter(None, [args.get("base_path")])])


def create_api_domain(
    name: str, args: ApiDomainArgs, stage: aws.apigateway.Stage, *, parent: pulumi.Resource
) -> None:
    """Create certificate, custom domain (TLS 1.2 or newer), mapping to a stage, and records.

    Of a shared name only the mapping is created.

    Args:
        name: prefix of the resources.
        args: see `ApiDomainArgs`.
        stage: what the name leads to.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    domain = None if args.get("shared") else _create_domain(name, args, opts)
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
    for kind in ("A", "AAAA"):
        aws.route53.Record(
            f"{name}-{kind.lower()}",
            zone_id=args["zone_id"],
            name=args["name"],
            type=kind,
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


def check_domain(problems: Problems, args: Optional[ApiDomainArgs]) -> None:
    """Check the `domain` argument of a component."""
    if args is None:
        return
    problems.unknown(args, ApiDomainArgs.__annotations__)
    problems.that("name" in args, "domain.name", "is missing")
    shared, path = args.get("shared", False), args.get("base_path", "")
    zone = ("zone_id" in args) != shared
    problems.that(zone, "domain.zone_id", "give it for a new name, and not for a shared one")
    problems.that(not shared or bool(path), "domain.base_path", "needed for a shared name")
    fine = re.fullmatch(r"[A-Za-z0-9._-]*", path) is not None
    problems.that(fine, "domain.base_path", f"'{path}' is not one part of a path, such as 'v2'")
