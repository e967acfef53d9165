"""PhotoBuckets: the bucket of uploads and the bucket of thumbnails."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.arguments import ArgumentsError, Problems, declare
from .._blocks.bucket import Bucket

STATE_PREFIXES = ("photos/", "failures/", "gallery/", "attempts/", "marks/", "held/")
"""Prefixes of the records of each photo's state; the library `photo_names` has the same."""
Place = tuple[Optional[pulumi.Input[str]], str]
"""ARN of an existing bucket, or None for a new one, and the key prefix."""


class PhotoDistributionArgs(TypedDict):
    """A CloudFront distribution that accesses the created buckets by origin access control."""

    distribution_arn: NotRequired[pulumi.Input[str]]
    """ARN of the distribution. Default: it is passed to `grant_distribution_access`."""
    allow_uploads: NotRequired[bool]
    """Whether the distribution may also store uploads (PUT). The distribution must then check who
    may upload. Default: false."""


declare(PhotoDistributionArgs, defaults={"allow_uploads": False})


class PhotoBuckets:
    """The two buckets and the permissions on them. Adds no level to the URN.

    Args:
        name: prefix of the buckets' names.
        parent: the component they belong to.
        uploads: the place of the uploads.
        images: the place of the thumbnails.
        distribution: the distribution that serves them.
        retain: refuse to delete buckets that are not empty.
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
        self._distribution_uploads = bool(distribution and distribution["allow_uploads"])
        self.uploads = Bucket(
            f"{name}-uploads",
            parent=parent,
            retain=retain,
            versioned=retain,
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
        """Environment variables of a function that uses the buckets."""
        return {
            "UPLOADS_BUCKET": self.uploads.bucket_name,
            "UPLOAD_PREFIX": self._upload_prefix,
            "IMAGES_BUCKET": self.images.bucket_name,
            "IMAGE_PREFIX": self._image_prefix,
        }

    def grant_convert(self) -> list[StatementArgs]:
        """Permissions of the function that creates thumbnails."""
        arn, written = self.images.arn, (self._image_prefix, *STATE_PREFIXES)
        objects = [pulumi.Output.concat(arn, "/", prefix, "*") for prefix in written]
        return [
            self.uploads.grant_read(self._upload_prefix),
            self.images.grant_read("photos/"),
            self.images.grant_read("attempts/"),
            # Without ListBucket, S3 answers 403 instead of 404 for a missing object. Such a request
            # has no prefix, so that a condition on the prefix would have the same effect.
            self.uploads.grant_list(),
            self.images.grant_list(),
            allow(["s3:PutObject", "s3:DeleteObject"], *objects),
        ]

    def grant_read_approval(self) -> StatementArgs:
        """Permission to read the tags of uploads, one of which approves a photo."""
        objects = pulumi.Output.concat(self.uploads.arn, "/", self._upload_prefix, "*")
        return allow(["s3:GetObjectTagging"], objects)

    def grant_photo_api(self) -> list[StatementArgs]:
        """Permissions of a function that signs uploads and lists photos."""
        return [
            self.uploads.grant_write(self._upload_prefix),
            self.images.grant_read("photos/"),
            self.images.grant_list(),
        ]

    def grant_distribution_access(self, distribution_arn: pulumi.Input[str]) -> None:
        """Let a distribution read thumbnails and, if `uploads` is set, store uploads."""
        if self._own_images:
            self.images.create_policy(self._image_prefix, ["s3:GetObject"], distribution_arn)
        if self._own_uploads and self._distribution_uploads:
            self.uploads.create_policy(self._upload_prefix, ["s3:PutObject"], distribution_arn)

    def allow_uploads_from(self, origins: Sequence[pulumi.Input[str]]) -> None:
        """Allow cross-origin form uploads to the created bucket."""
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
        """Enable S3 Transfer Acceleration on the bucket of uploads."""
        aws.s3.BucketAccelerateConfiguration(
            f"{self._name}-uploads-acceleration",
            bucket=self.uploads.bucket_name,
            status="Enabled",
            opts=self._opts,
        )


def domain_name(bucket: Bucket, neighbour_arn: pulumi.Output[str]) -> pulumi.Output[str]:
    """A bucket's regional domain name. A bucket's ARN names no region; the neighbour's ARN does."""

    def domain(parts: Sequence[str]) -> str:
        _, partition, _, region = parts[1].split(":")[:4]
        china = ".cn" if partition == "aws-cn" else ""
        return f"{parts[0]}.s3.{region}.amazonaws.com{china}"

    return pulumi.Output.all(bucket.bucket_name, neighbour_arn).apply(domain)


def check_photo_buckets(problems: Problems, uploads: Place, images: Place) -> None:
    """Check the places of uploads and thumbnails."""
    for key, (_, prefix) in {"upload_prefix": uploads, "image_prefix": images}.items():
        fine = prefix.endswith("/") and not prefix.startswith("/") and prefix.isascii()
        problems.unless(fine, key, f"is '{prefix}'; it must be a path such as 'photos/new/'")
    if uploads[0] is not None and (uploads[0] is images[0] or uploads[0] == images[0]):
        problems.unless(not _clash(uploads, images), "upload_prefix", _clash(uploads, images))
    for held in STATE_PREFIXES:
        fine = not images[1].startswith(held)
        problems.unless(fine, "image_prefix", f"'{held}' holds the state of each photo")


def _apart(name: str, uploads: Place, images: Place) -> Optional[pulumi.Input[str]]:
    """The adopted bucket of thumbnails; an error if it turns out to be that of the uploads."""
    if uploads[0] is None or images[0] is None:
        return images[0]
    clash = _clash(uploads, images)

    def refuse_the_same(arns: Sequence[str]) -> str:
        if clash and arns[0] == arns[1]:
            raise ArgumentsError(f"PhotoThumbnails '{name}'", [("upload_prefix", clash)])
        return arns[1]

    return pulumi.Output.all(uploads[0], images[0]).apply(refuse_the_same)


def _clash(uploads: Place, images: Place) -> str:
    """The reason why both cannot share a bucket, or an empty string."""
    for written in (images[1], *STATE_PREFIXES):
        if written.startswith(uploads[1]) or uploads[1].startswith(written):
            return (
                f"'{uploads[1]}' overlaps with '{written}' in the same bucket, so that each "
                "thumbnail would be an upload again; use other prefixes or another bucket"
            )
    return ""
