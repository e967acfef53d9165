"""PhotoThumbnails: thumbnails of uploaded photos, in a bucket that a distribution serves."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi

from .._blocks.access import AccessArgs
from .._blocks.alarms import Alarms
from .._blocks.arguments import Between, OneOf, Problems, declare, resolve
from .._blocks.bucket_notification import (
    CREATED,
    EXPIRED,
    REMOVED,
    TAGGED,
    BucketNotificationArgs,
    check_bucket_notifications,
    create_bucket_notification,
)
from .._blocks.function import Function, FunctionsArgs
from .._blocks.queue import Queue
from .._blocks.queue_mapping import check_queue_concurrency, create_queue_mapping
from .._blocks.web_origin import WEB_ORIGIN_PATTERN
from .buckets import PhotoBuckets, PhotoDistributionArgs, check_photo_buckets, domain_name
from .monitoring import create_photo_alarms, create_photo_dashboard
from .rekognition import LabelsArgs, ModerationArgs, grant_rekognition

_FORMATS = ("webp", "original", "jpg", "png", "avif")
_TRIES = 3
_RECEIVES = 10
"""More than the tries: a receive counts even if the invocation is throttled."""


class PhotoThumbnailsArgs(TypedDict):
    sizes: NotRequired[Sequence[int]]
    """Sizes of the thumbnails, 1 to 8 of them: each fits into a square with sides of 16 to 4096
    pixels. Photos are never enlarged. Default: `[256, 512, 1024]`."""
    formats: NotRequired[Sequence[str]]
    """Formats of each thumbnail: `webp`, `avif`, `jpg`, `png`, or `original` for the format of the
    photo (PNG for a GIF). Default: `["webp", "original"]`."""
    quality: NotRequired[int]
    """Quality of JPEG, WebP and AVIF thumbnails, 1 to 100. Default: 80."""
    keep_color_profile: NotRequired[bool]
    """Whether thumbnails keep the photo's color profile. Otherwise they are converted to sRGB.
    Default: false."""
    uploads_bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing bucket for uploads. The component sets its notification configuration, but
    not its policy or CORS. Default: a new bucket."""
    upload_prefix: NotRequired[str]
    """Key prefix of uploads. Default: `uploads/`."""
    images_bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of an existing bucket for thumbnails. The component does not change its policy. Default:
    a new bucket."""
    image_prefix: NotRequired[str]
    """Key prefix of thumbnails, which is also their path on the web. Default: `img/`."""
    max_upload_bytes: NotRequired[int]
    """Maximum size of a photo, 1 to 104857600 bytes. Default: 26214400 (25 MiB)."""
    allowed_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Origins whose pages may upload: `["https://example.com"]`. Default: `["*"]`, since an upload
    needs a signed form."""
    transfer_acceleration: NotRequired[bool]
    """Whether uploads use S3 Transfer Acceleration; billed by the gigabyte. Default: false."""
    distribution: NotRequired[PhotoDistributionArgs]
    """The CloudFront distribution that serves the buckets. Default: none."""
    notifications: NotRequired[Sequence[BucketNotificationArgs]]
    """Other targets to notify when objects in the bucket of uploads change. Default: none."""
    eventbridge: NotRequired[bool]
    """Whether the bucket of uploads also sends its events to the default event bus of EventBridge.
    Default: false."""
    manual_approval: NotRequired[bool]
    """Whether a photo has no thumbnails and is in no gallery until somebody approves it: until its
    upload has the tag `review` with the value `approved`. Default: false."""
    moderation: NotRequired[ModerationArgs]
    """Content moderation. Default: none."""
    labels: NotRequired[LabelsArgs]
    """Label detection. Default: none."""
    memory: NotRequired[int]
    """Memory of the function, 512 to 10240 MiB. Photos that need more are rejected. Default: 1769,
    which is one vCPU."""
    timeout: NotRequired[int]
    """Timeout of the function, 10 to 900 seconds. Default: 60."""
    max_concurrency: NotRequired[int]
    """Maximum concurrency of the event source mapping, 2 to 1000, and at most that of the function.
    Default: the function's reserved concurrency; without it, the account's."""
    functions: NotRequired[FunctionsArgs]
    """Settings of the function. Default: arm64, Python 3.13, 30 days of logs."""
    retain_data: NotRequired[bool]
    """Whether buckets that are not empty are protected from deletion. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """ARN of the SNS topic to notify of alarms. Default: none."""


declare(
    PhotoThumbnailsArgs,
    defaults={
        "sizes": [256, 512, 1024],
        "formats": ["webp", "original"],
        "quality": 80,
        "keep_color_profile": False,
        "upload_prefix": "uploads/",
        "image_prefix": "img/",
        "max_upload_bytes": 25 * 1024**2,
        "allowed_origins": ["*"],
        "transfer_acceleration": False,
        "notifications": [],
        "eventbridge": False,
        "manual_approval": False,
        "memory": 1769,
        "timeout": 60,
        "functions": {},
        "retain_data": True,
    },
    limits={
        "sizes": Between(16, 4096, "pixels"),
        "formats": OneOf(_FORMATS),
        "allowed_origins": WEB_ORIGIN_PATTERN,
        "quality": Between(1, 100),
        "max_upload_bytes": Between(1, 100 * 1024**2, "bytes"),
        "memory": Between(512, 10240, "MiB"),
        "timeout": Between(10, 900, "seconds"),
        "max_concurrency": Between(2, 1000, "photos"),
    },
)


class PhotoThumbnails(pulumi.ComponentResource):
    """Uploads bucket -> SQS queue -> Lambda function -> images bucket.

    Default settings: buckets are encrypted, private and TLS only. Each invocation of the function
    converts one photo, so that a photo cannot make another one fail. Every upload ends as
    thumbnails or as a readable record below `failures/`. Thumbnails are upright, without metadata,
    in sRGB, and cached for a day by CloudFront and a year by browsers, since the name of a
    thumbnail changes with its photo. Deleting an upload deletes its thumbnails, also if a lifecycle
    rule deletes it. Messages that fail for other reasons stay in a dead-letter queue for 14 days.
    Alarms and a dashboard are included.
    """

    uploads_bucket_name: pulumi.Output[str]
    """Name of the bucket of uploads, which are below `upload_prefix`."""
    uploads_bucket_arn: pulumi.Output[str]
    """ARN of the bucket of uploads."""
    uploads_bucket_domain_name: pulumi.Output[str]
    """Regional domain name of the bucket of uploads, for an origin that accepts PUT."""
    uploads_url: pulumi.Output[str]
    """Origin that upload forms are sent to, for `connect_origins` of a site."""
    images_bucket_name: pulumi.Output[str]
    """Name of the bucket of thumbnails (below `image_prefix`) and of each photo's state."""
    images_bucket_arn: pulumi.Output[str]
    """ARN of the bucket of thumbnails."""
    images_bucket_domain_name: pulumi.Output[str]
    """Regional domain name of the bucket of thumbnails, for an origin of `/img/*`."""
    function_name: pulumi.Output[str]
    """Name of the function."""
    queue_url: pulumi.Output[str]
    """URL of the queue of upload events."""
    dead_letter_queue_url: pulumi.Output[str]
    """URL of the dead-letter queue."""

    def __init__(
        self, name: str, args: PhotoThumbnailsArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:PhotoThumbnails", name, {}, opts)
        args = resolve("PhotoThumbnails", name, PhotoThumbnailsArgs, args, _check)
        self._name, self._args = name, args
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._buckets = PhotoBuckets(
            name,
            parent=self,
            uploads=(args.get("uploads_bucket_arn"), args["upload_prefix"]),
            images=(args.get("images_bucket_arn"), args["image_prefix"]),
            distribution=args.get("distribution"),
            retain=args["retain_data"],
        )
        self._buckets.allow_uploads_from(args["allowed_origins"])
        if args["transfer_acceleration"]:
            self._buckets.accelerate()
        self._queue = self._create_queue()
        self._function = self._create_function()
        create_queue_mapping(
            f"{name}-mapping",
            self._function,
            self._queue,
            parent=self,
            # If a photo crashes the function, no other photo is affected.
            batch_size=1,
            max_concurrency=args.get("max_concurrency"),
        )
        self._create_notifications()
        create_photo_alarms(self._alarms, self._function, self._queue, parent=self)
        create_photo_dashboard(name, self._function, self._queue, self._alarms.arns, parent=self)
        outputs = self._outputs()
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_distribution_access(self, distribution_arn: pulumi.Input[str]) -> None:
        """Let a CloudFront distribution read thumbnails, and store uploads if so configured.

        Use it for a distribution whose origins are this component's buckets, which is created after
        it. Call it once, with `distribution` among the arguments.
        """
        self._buckets.grant_distribution_access(distribution_arn)

    def grant_photo_api(self) -> AccessArgs:
        """Access of a function that signs uploads and lists photos: `public_blog/photos`."""
        own = {
            "MAX_UPLOAD_BYTES": str(self._args["max_upload_bytes"]),
            "ACCELERATED": str(int(self._args["transfer_acceleration"])),
        }
        return {
            "environment": {**self._buckets.environment, **own},
            "statements": self._buckets.grant_photo_api(),
        }

    def _create_queue(self) -> Queue:
        return Queue(
            f"{self._name}-queue",
            parent=self,
            max_receive_count=_RECEIVES,
            visibility_timeout=6 * self._args["timeout"],
        )

    def _create_function(self) -> Function:
        statements = [self._queue.grant_receive(), *self._buckets.grant_convert()]
        if self._args["manual_approval"]:
            statements.append(self._buckets.grant_read_approval())
        return Function(
            f"{self._name}-thumbnail",
            "photo_thumbnails/thumbnail",
            parent=self,
            settings=self._args["functions"],
            alarms=self._alarms,
            access=[{"statements": statements}, self._rekognition()],
            environment=self._environment(),
            timeout=self._args["timeout"],
            memory=self._args["memory"],
        )

    def _rekognition(self) -> AccessArgs:
        return grant_rekognition(self._args.get("moderation"), self._args.get("labels"))

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        return {
            **self._buckets.environment,
            "SIZES": ",".join(map(str, self._args["sizes"])),
            "FORMATS": ",".join(self._args["formats"]),
            "QUALITY": str(self._args["quality"]),
            "KEEP_COLOR_PROFILE": str(int(self._args["keep_color_profile"])),
            "MAX_UPLOAD_BYTES": str(self._args["max_upload_bytes"]),
            "MANUAL_APPROVAL": str(int(self._args["manual_approval"])),
            "TIMEOUT": str(self._args["timeout"]),
            "TRIES": str(_TRIES),
        }

    def _create_notifications(self) -> None:
        uploads = self._buckets.uploads
        policy = self._queue.create_policy(bucket_arn=uploads.arn)
        own: BucketNotificationArgs = {
            **_own_notification(self._args),
            "queue_arn": self._queue.arn,
        }
        create_bucket_notification(
            f"{self._name}-uploads",
            uploads,
            [own, *self._args["notifications"]],
            parent=self,
            eventbridge=self._args["eventbridge"],
            depends_on=[policy],
        )

    def _uploads_url(self) -> pulumi.Output[str]:
        uploads = self._buckets.uploads
        host = (
            pulumi.Output.concat(uploads.bucket_name, ".s3-accelerate.amazonaws.com")
            if self._args["transfer_acceleration"]
            else domain_name(uploads, self._queue.arn)
        )
        return pulumi.Output.concat("https://", host)

    def _outputs(self) -> dict[str, pulumi.Output[str]]:
        buckets, queue = self._buckets, self._queue
        return {
            "uploads_bucket_name": buckets.uploads.bucket_name,
            "uploads_bucket_arn": buckets.uploads.arn,
            "uploads_bucket_domain_name": domain_name(buckets.uploads, queue.arn),
            "uploads_url": self._uploads_url(),
            "images_bucket_name": buckets.images.bucket_name,
            "images_bucket_arn": buckets.images.arn,
            "images_bucket_domain_name": domain_name(buckets.images, queue.arn),
            "function_name": self._function.function_name,
            "queue_url": queue.url,
            "dead_letter_queue_url": queue.dead_letters.url,
        }


def _own_notification(args: PhotoThumbnailsArgs) -> BucketNotificationArgs:
    events = [CREATED, REMOVED, EXPIRED, *([TAGGED] if args["manual_approval"] else [])]
    return {"prefix": args["upload_prefix"], "suffix": "", "events": events}


def _check(problems: Problems, args: PhotoThumbnailsArgs) -> None:
    for key, values, most in (("sizes", args["sizes"], 8), ("formats", args["formats"], 5)):
        valid = 1 <= len(values) == len(set(values)) <= most
        problems.unless(valid, key, f"must be 1 to {most} different values")
    check_photo_buckets(
        problems,
        (args.get("uploads_bucket_arn"), args["upload_prefix"]),
        (args.get("images_bucket_arn"), args["image_prefix"]),
    )
    check_queue_concurrency(problems, args["functions"], args.get("max_concurrency"))
    dotted = args["transfer_acceleration"] and "." in problems.name
    problems.unless(not dotted, "transfer_acceleration", "requires a name without a dot")
    check_bucket_notifications(
        problems, "notifications", args["notifications"], _own_notification(args)
    )
