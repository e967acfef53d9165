"""PhotoBuckets: the photos as they came, and their thumbnails."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.bucket import Bucket
from .._blocks.validate import Problems

STATE_PREFIXES = ("photos/", "failures/", "gallery/")
"""Where the function keeps what became of each photo; the library `photo_names` has the same."""
Place = tuple[Optional[pulumi.Input[str]], str]
"""ARN of the caller's own bucket, or None for a new one, and the prefix within."""


class PhotoDistributionArgs(TypedDict):
    """A CloudFront distribution with origin access control in front of the created buckets."""

    distribution_arn: NotRequired[pulumi.Input[str]]
    """Its ARN, where it exists already. Default: it is passed to `grant_distribution_access`."""
    uploads: NotRequired[bool]
    """Whether it may also store uploads (PUT); who may PUT is then for the distribution to check.
    Default: false."""


class PhotoBuckets:
    """Both buckets, and what others may do with them. Adds no level to the URN.

    Args:
        name: prefix of the buckets' names.
        parent: the component they belong to.
        uploads: where photos come in.
        images: where thumbnails go.
        distribution: the distribution in front of them.
        retain: keep their objects when the stack is destroyed (the destroy then fails).
    """

    def __init__(
        self,
        name: str,
        *,
        parent: pulumi.Resource,
        uploads: Place,
        images: Place,
        distribution: Optional[PhotoDistributionArgs],
        retain: bool,
    ) -> None:
        self._name = name
        self._opts = pulumi.ResourceOptions(parent=parent)
        self._own_uploads, self._own_images = uploads[0] is None, images[0] is None
        self._upload_prefix, self._image_prefix = uploads[1], images[1]
        self._distribution_uploads = distribution is not None and distribution.get("uploads", False)
        self.uploads = Bucket(
            f"{name}-uploads",
            parent=parent,
            retain=retain,
            has_policy=not self._distribution_uploads,
            adopt=uploads[0],
        )
        self.images = Bucket(
            f"{name}-images",
            parent=parent,
            retain=retain,
            has_policy=distribution is None,
            adopt=_apart(name, uploads, images),
        )
        if distribution is not None and "distribution_arn" in distribution:
            self.grant_distribution_access(distribution["distribution_arn"])

    @property
    def environment(self) -> dict[str, pulumi.Input[str]]:
        """Names them for a function."""
        return {
            "UPLOADS_BUCKET": self.uploads.bucket_name,
            "UPLOAD_PREFIX": self._upload_prefix,
            "IMAGES_BUCKET": self.images.bucket_name,
            "IMAGE_PREFIX": self._image_prefix,
        }

    def grant_convert(self) -> list[StatementArgs]:
        """What a function may do that makes thumbnails of uploads."""
        arn, written = self.images.arn, (self._image_prefix, *STATE_PREFIXES)
        objects = [pulumi.Output.concat(arn, "/", prefix, "*") for prefix in written]
        return [
            self.uploads.grant_read(self._upload_prefix),
            self.images.grant_read("photos/"),
            # Without it S3 says of what is missing that it is forbidden.
            self.uploads.grant_list(),
            self.images.grant_list(),
            allow(["s3:PutObject", "s3:DeleteObject"], *objects),
        ]

    def grant_photo_api(self) -> list[StatementArgs]:
        """What a function may do that signs uploads and lists photos."""
        return [
            self.uploads.grant_write(self._upload_prefix),
            self.images.grant_read("photos/"),
            self.images.grant_list(),
        ]

    def grant_distribution_access(self, distribution_arn: pulumi.Input[str]) -> None:
        """Let a distribution read thumbnails, and store uploads where the edge may."""
        if self._own_images:
            self.images.create_policy(self._image_prefix, ["s3:GetObject"], distribution_arn)
        if self._own_uploads and self._distribution_uploads:
            self.uploads.create_policy(self._upload_prefix, ["s3:PutObject"], distribution_arn)

    def allow_uploads_from(self, origins: Sequence[pulumi.Input[str]]) -> None:
        """Let pages of other origins send their forms to the created bucket."""
        if not self._own_uploads:
            return
        aws.s3.BucketCorsConfiguration(
            f"{self._name}-uploads-cors",
            bucket=self.uploads.bucket_name,
            cors_rules=[
                {
                    "allowed_origins": list(origins),
                    "allowed_methods": ["POST"],
                    "allowed_headers": ["*"],
                    "max_age_seconds": 600,
                }
            ],
            opts=self._opts,
        )

    def accelerate(self) -> None:
        """Take uploads by the nearest edge location."""
        aws.s3.BucketAccelerateConfiguration(
            f"{self._name}-uploads-acceleration",
            bucket=self.uploads.bucket_name,
            status="Enabled",
            opts=self._opts,
        )


def domain_name(bucket: Bucket, neighbour_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """A bucket's regional domain name; its own ARN names no region, so that a neighbour's does."""

    def domain(parts: Sequence[str]) -> str:
        _, partition, _, region = parts[1].split(":")[:4]
        china = ".cn" if partition == "aws-cn" else ""
        return f"{parts[0]}.s3.{region}.amazonaws.com{china}"

    return pulumi.Output.all(bucket.bucket_name, neighbour_arn).apply(domain)


def check_photo_buckets(
    problems: Problems, uploads: Place, images: Place, distribution: Optional[PhotoDistributionArgs]
) -> None:
    """Check where photos come from and thumbnails go."""
    for key, (_, prefix) in {"upload_prefix": uploads, "image_prefix": images}.items():
        fine = prefix.endswith("/") and not prefix.startswith("/") and prefix.isascii()
        problems.that(fine, key, f"is '{prefix}'; give a path such as 'photos/new/'")
    if uploads[0] is not None and (uploads[0] is images[0] or uploads[0] == images[0]):
        problems.that(not _clash(uploads, images), "upload_prefix", _clash(uploads, images))
    for held in STATE_PREFIXES:
        fine = not images[1].startswith(held)
        problems.that(fine, "image_prefix", f"'{held}' holds what became of each photo")
    problems.unknown(distribution or {}, PhotoDistributionArgs.__annotations__)


def _apart(name: str, uploads: Place, images: Place) -> Optional[pulumi.Input[str]]:
    """The caller's own bucket, refused as soon as it turns out to be that of the uploads."""
    if uploads[0] is None or images[0] is None:
        return images[0]
    clash = _clash(uploads, images)

    def refuse_the_same(arns: Sequence[str]) -> str:
        if clash and arns[0] == arns[1]:
            raise ValueError(f"PhotoThumbnails '{name}': upload_prefix: {clash}")
        return arns[1]

    return pulumi.Output.all(uploads[0], images[0]).apply(refuse_the_same)


def _clash(uploads: Place, images: Place) -> str:
    """Why both cannot share a bucket; empty when they can."""
    for written in (images[1], *STATE_PREFIXES):
        if written.startswith(uploads[1]) or uploads[1].startswith(written):
            return (
                f"'{uploads[1]}' meets '{written}', where thumbnails are written to the same "
                "bucket: each would be an upload again; give other prefixes or another bucket"
            )
    return ""
