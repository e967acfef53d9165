"""The access logs of a distribution, in CloudWatch."""

import pulumi
import pulumi_aws as aws

from .edge_domain import REGION

_FIELDS = (
    *("date", "time", "x-edge-location", "sc-bytes", "cs-method", "cs-uri-stem", "sc-status"),
    *("x-edge-result-type", "x-edge-request-id", "time-taken", "ssl-protocol", "cs-protocol"),
    *("x-edge-detailed-result-type", "sc-content-type", "c-country", "cs(User-Agent)"),
)
"""Without IP addresses, cookies and query strings, which can contain private data.

Source: "Standard logging reference" in the CloudFront developer guide. CloudFront refuses others.
"""


def create_edge_logs(
    name: str, distribution: aws.cloudfront.Distribution, days: int, *, parent: pulumi.Resource
) -> None:
    """Create the delivery of access logs to a log group.

    Args:
        name: prefix of the resources' names.
        distribution: the distribution.
        days: retention of the log group in days.
        parent: the component they belong to.
    """
    opts = pulumi.ResourceOptions(parent=parent)
    group = aws.cloudwatch.LogGroup(
        f"{name}-edge-logs", retention_in_days=days, region=REGION, opts=opts
    )
    # Pulumi adds no random suffix to delivery names, which are unique per account.
    unique = pulumi.Output.concat(name, "-", distribution.id)
    source = aws.cloudwatch.LogDeliverySource(
        f"{name}-edge-log-source",
        name=unique,
        log_type="ACCESS_LOGS",
        resource_arn=distribution.arn,
        region=REGION,
        opts=opts,
    )
    target = aws.cloudwatch.LogDeliveryDestination(
        f"{name}-edge-log-destination",
        name=unique,
        output_format="json",
        delivery_destination_configuration={"destination_resource_arn": group.arn},
        region=REGION,
        opts=opts,
    )
    aws.cloudwatch.LogDelivery(
        f"{name}-edge-log-delivery",
        delivery_source_name=source.name,
        delivery_destination_arn=target.arn,
        record_fields=list(_FIELDS),
        region=REGION,
        # The provider cannot change the fields of a delivery to CloudWatch: see docs/drift.md.
        opts=pulumi.ResourceOptions(
            parent=parent, replace_on_changes=["recordFields"], delete_before_replace=True
        ),
    )
