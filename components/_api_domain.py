"""ApiDomain: an API under a name of one's own."""

from typing import TypedDict

import pulumi
import pulumi_aws as aws


class ApiDomainArgs(TypedDict):
    name: str
    """The API's name: `api.example.com`."""
    zone_id: pulumi.Input[str]
    """ID of the Route 53 hosted zone that the name belongs to."""


def create_api_domain(
    name: str, args: ApiDomainArgs, stage: aws.apigateway.Stage, *, parent: pulumi.Resource
) -> None:
    """Create certificate, custom domain (TLS 1.2 or newer), mapping to a stage, and records.

    Args:
        name: prefix of the resources.
        args: see `ApiDomainArgs`.
        stage: what the name leads to.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    certificate = _create_certificate(name, args, opts)
    domain = aws.apigateway.DomainName(
        f"{name}-domain",
        domain_name=args["name"],
        regional_certificate_arn=certificate.certificate_arn,
        security_policy="TLS_1_2",
        endpoint_configuration={"types": "REGIONAL"},
        opts=opts,
    )
    aws.apigateway.BasePathMapping(
        f"{name}-mapping",
        rest_api=stage.rest_api,
        stage_name=stage.stage_name,
        domain_name=domain.domain_name,
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
