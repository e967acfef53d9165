"""The region of Origin Shield, the layer of caches in front of the origin.

Source: "Choosing the AWS Region for Origin Shield" in the CloudFront developer guide.
"""

SHIELD_REGIONS = (
    *("us-east-1", "us-east-2", "us-west-2", "sa-east-1"),
    *("eu-central-1", "eu-west-1", "eu-west-2"),
    *("ap-northeast-1", "ap-northeast-2", "ap-south-1", "ap-southeast-1", "ap-southeast-2"),
)
"""Regions that have Origin Shield."""
_NEAREST = {
    "us-west-1": "us-west-2",
    "ca-central-1": "us-east-1",
    "af-south-1": "eu-west-1",
    "eu-north-1": "eu-west-2",
    "eu-south-1": "eu-central-1",
    "eu-west-3": "eu-west-2",
    "ap-east-1": "ap-southeast-1",
    "me-south-1": "ap-south-1",
}
"""The region that AWS recommends for the ones without Origin Shield."""


def shield_region(arn: str) -> str:
    """Return the region of Origin Shield for an origin in the region of `arn`.

    Raises:
        ValueError: the region is not in the table.
    """
    region = arn.split(":")[3]
    nearest = region if region in SHIELD_REGIONS else _NEAREST.get(region)
    if nearest is None:
        raise ValueError(
            f"is required for {region}: `none`, or the closest of {', '.join(SHIELD_REGIONS)}"
        )
    return nearest
