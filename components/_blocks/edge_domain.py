"""EdgeDomain: a distribution under a name of one's own."""

from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .arguments import Problems as ArgumentProblems
from .arguments import declare
from .validate import Problems

REGION = "us-east-1"
"""Where CloudFront looks for certificates, web ACLs and the source of its logs."""


class DistributionDomainArgs(TypedDict):
    name: str
    """Domain name of the distribution, without `www.`: `example.com`."""
    zone_id: pulumi.Input[str]
    """ID of the Route 53 hosted zone of the domain."""
    www: NotRequired[bool]
    """Whether the distribution also serves `www.` and the name. Default: true."""


def _check(problems: ArgumentProblems, path: str, args: DistributionDomainArgs) -> None:
    name = args["name"]
    problems.unless("." in name and "/" not in name, f"{path}.name", "must be like 'example.com'")
    problems.unless(not name.startswith("www."), f"{path}.name", "starts with 'www.'; use `www`")


declare(DistributionDomainArgs, defaults={"www": True}, check=_check)


def create_edge_domain(
    name: str, args: DistributionDomainArgs, *, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Create a certificate, proven by DNS; its ARN once it is valid.

    Args:
        name: prefix of the resources.
        args: see `DistributionDomainArgs`.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    certificate = aws.acm.Certificate(
        f"{name}-certificate",
        domain_name=args["name"],
        subject_alternative_names=_names(args)[1:],
        validation_method="DNS",
        region=REGION,
        opts=opts,
    )
    proofs = [
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
        for number, each in enumerate(("", "www")[: len(_names(args))])
    ]
    valid = aws.acm.CertificateValidation(
        f"{name}-certificate-validation",
        certificate_arn=certificate.arn,
        validation_record_fqdns=[proof.fqdn for proof in proofs],
        region=REGION,
        opts=opts,
    )
    return valid.certificate_arn


def point_names(
    name: str,
    args: DistributionDomainArgs,
    distribution: aws.cloudfront.Distribution,
    *,
    parent: pulumi.Resource,
) -> None:
    """Lead the names to a distribution, by IPv4 and IPv6.

    Args:
        name: prefix of the records.
        args: see `DistributionDomainArgs`.
        distribution: where they lead.
        parent: the component they belong to.
    """
    for host in _names(args):
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


def _names(args: DistributionDomainArgs) -> list[str]:
    return [args["name"], *([f"www.{args['name']}"] if args.get("www", True) else [])]


def check_edge_domain(problems: Problems, args: Optional[DistributionDomainArgs]) -> None:
    """Check the `domain` argument of `edge`."""
    if args is None:
        return
    problems.unknown(args, DistributionDomainArgs.__annotations__)
    for key in ("name", "zone_id"):
        problems.that(key in args, f"edge.domain.{key}", "is missing")
    fine = "." in args.get("name", ".") and "/" not in args.get("name", "")
    problems.that(fine, "edge.domain.name", "is no name such as 'example.com'")
    www = args.get("name", "").startswith("www.")
    problems.that(not www, "edge.domain.name", "give it without 'www.'; `www` adds that")
