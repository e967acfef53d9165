"""The custom domain name of a distribution: certificate and DNS records."""

from typing import NotRequired, TypedDict

import pulumi
import pulumi_aws as aws

from .arguments import Problems, declare
from .domain_name import DOMAIN_NAME

REGION = "us-east-1"
"""Region of CloudFront's certificates, web ACLs, functions, logs and metrics."""


class DistributionDomainArgs(TypedDict):
    """Custom domain name of a distribution."""

    name: str
    """Domain name of the distribution, without `www.`: `example.com`."""
    zone_id: pulumi.Input[str]
    """ID of the Route 53 hosted zone of the domain."""
    www: NotRequired[bool]
    """Whether the distribution also serves `www.` and the name. Default: true."""


def _check(problems: Problems, path: str, args: DistributionDomainArgs) -> None:
    name = args["name"]
    problems.unless(not name.startswith("www."), f"{path}.name", "starts with 'www.'; use `www`")


declare(
    DistributionDomainArgs,
    defaults={"www": True},
    limits={"name": DOMAIN_NAME},
    check=_check,
)


def create_certificate(
    name: str, args: DistributionDomainArgs, *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Create a certificate that is validated by DNS. Return its ARN, which waits for validation.

    Args:
        name: prefix of the resources' names.
        args: see `DistributionDomainArgs`.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    certificate = aws.acm.Certificate(
        f"{name}-certificate",
        domain_name=args["name"],
        subject_alternative_names=domain_names(args)[1:],
        validation_method="DNS",
        region=REGION,
        opts=opts,
    )
    validations = [
        aws.route53.Record(
            f"{name}-certificate-proof{each and f'-{each}'}",
            zone_id=args["zone_id"],
            name=certificate.domain_validation_options[number].resource_record_name,
            type=certificate.domain_validation_options[number].resource_record_type,
            records=[certificate.domain_validation_options[number].resource_record_value],
            ttl=300,
            allow_overwrite=True,
            opts=opts,
        )
        for number, each in enumerate(("", "www")[: len(domain_names(args))])
    ]
    valid = aws.acm.CertificateValidation(
        f"{name}-certificate-validation",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[record.fqdn for record in validations],
        region=REGION,
        opts=opts,
    )
    return valid.certificate_arn


def create_records(
    name: str,
    args: DistributionDomainArgs,
    distribution: aws.cloudfront.Distribution,
    *,
    parent: pulumi.Resource,
) -> None:
    """Create the alias records of a distribution, for IPv4 and IPv6.

    Args:
        name: prefix of the records' names.
        args: see `DistributionDomainArgs`.
        distribution: the target of the records.
        parent: the component they belong to.
    """
    for host in domain_names(args):
        prefix = name if host == args["name"] else f"{name}-www"
        for kind in ("A", "AAAA"):
            aws.route53.Record(
                f"{prefix}-{kind.lower()}",
                zone_id=args["zone_id"],
                name=host,
                type=kind,
                aliases=[
                    {
                        "name": distribution.domain_name,
                        "zone_id": distribution.hosted_zone_id,
                        "evaluate_target_health": False,
                    }
                ],
                opts=pulumi.ResourceOptions(parent=parent),
            )


def domain_names(args: DistributionDomainArgs) -> list[str]:
    """Return the names that the distribution serves."""
    return [args["name"], *([f"www.{args['name']}"] if args["www"] else [])]
