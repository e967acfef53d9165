"""PhotoThumbnails: uploaded photos become thumbnails in a bucket that a distribution serves."""

from collections.abc import Sequence
from typing import NotRequired, Optional, TypedDict

import pulumi
import pulumi_aws as aws

from .._blocks.access import AccessArgs
from .._blocks.alarms import Alarms
from .._blocks.function import Function, FunctionsArgs, check_functions
from .._blocks.queue import Queue
from .._blocks.validate import Problems
from .bucket_notification import (
    CREATED,
    REMOVED,
    BucketNotificationArgs,
    check_bucket_notifications,
    create_bucket_notification,
)
from .buckets import PhotoBuckets, PhotoDistributionArgs, check_photo_buckets, domain_name
from .monitoring import create_photo_alarms, create_photo_dashboard
from .rekognition import LabelsArgs, ModerationArgs, check_rekognition, grant_rekognition

_SIZES, _FORMATS = (256, 512, 1024), ("webp", "original")
_KNOWN_FORMATS = (*_FORMATS, "jpg", "png", "avif")
_TRIES = 4
_LIBRARIES = ("aws_clients", "environment", "partial_batch", "photo_names")


class PhotoThumbnailsArgs(TypedDict):
    sizes: NotRequired[Sequence[int]]
    """Sides of the squares that thumbnails fit in, 1 to 8, each of 16 to 4096 pixels. No photo is
    enlarged. Default: `[256, 512, 1024]`."""
    formats: NotRequired[Sequence[str]]
    """Formats of each thumbnail: `webp`, `avif`, `jpg`, `png`, or `original` for the family of the
    photo's own (JPEG; PNG for PNG and GIF; WebP). Default: `["webp", "original"]`."""
    quality: NotRequired[int]
    """Of JPEG, WebP and AVIF, 1 to 100. Default: 80."""
    keep_color_profile: NotRequired[bool]
    """Whether thumbnails keep the photo's colours and their profile; else they become sRGB.
    Default: false."""
    uploads_bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own bucket of uploads; its notifications are set by this component, its
    policy and CORS are the caller's. Default: a new one."""
    upload_prefix: NotRequired[str]
    """What the keys of uploads begin with. Default: `uploads/`."""
    images_bucket_arn: NotRequired[pulumi.Input[str]]
    """ARN of the caller's own bucket of thumbnails; its policy is the caller's. Default: a new
    one."""
    image_prefix: NotRequired[str]
    """What the keys of thumbnails begin with, as in their path on the web. Default: `img/`."""
    max_upload_bytes: NotRequired[int]
    """Largest photo, 1 to 104857600 bytes. Default: 26214400 (25 MiB)."""
    allowed_origins: NotRequired[Sequence[pulumi.Input[str]]]
    """Web origins whose pages may upload. Default: all, as a form's signature says what it may."""
    transfer_acceleration: NotRequired[bool]
    """Whether uploads go by S3 Transfer Acceleration; billed by the gigabyte. Default: false."""
    distribution: NotRequired[PhotoDistributionArgs]
    """A CloudFront distribution in front of the buckets. Default: none."""
    notifications: NotRequired[Sequence[BucketNotificationArgs]]
    """Who else is told of changes of the uploads bucket. Default: no one."""
    eventbridge: NotRequired[bool]
    """Whether EventBridge's default bus is told of all of its changes. Default: false."""
    moderation: NotRequired[ModerationArgs]
    """See `ModerationArgs`. Default: every photo is shown."""
    labels: NotRequired[LabelsArgs]
    """See `LabelsArgs`. Default: no labels."""
    memory: NotRequired[int]
    """MiB of the function, 512 to 10240: larger pictures than fit are refused. Default: 1769, which
    is one whole CPU."""
    timeout: NotRequired[int]
    """Seconds that one photo may take, 10 to 900. Default: 60."""
    max_concurrency: NotRequired[int]
    """How many photos are converted at once, 2 to 1000. Default: as many as the account allows."""
    functions: NotRequired[FunctionsArgs]
    """How the function runs. Default: arm64, Python 3.13, logs kept for 30 days."""
    retain_data: NotRequired[bool]
    """Whether the buckets refuse to be deleted with their content. Default: true."""
    alarm_topic_arn: NotRequired[pulumi.Input[str] | None]
    """SNS topic told of alarms. Default: none."""


class PhotoThumbnails(pulumi.ComponentResource):
    """Uploads bucket -> SQS queue -> Lambda function -> images bucket.

    Default settings: buckets encrypted, TLS only, private; one photo for each run of the function,
    so that none takes another with it; every upload ends as thumbnails or as one readable record
    below `failures/`; thumbnails are upright, without metadata, in sRGB, and cached for ever, since
    another photo has another name; a deleted upload takes its thumbnails with it; what fails for
    other reasons waits 14 days in a dead-letter queue; alarms and a dashboard.
    """

    uploads_bucket_name: pulumi.Output[str]
    """Bucket of the photos as they came, below `upload_prefix`."""
    uploads_bucket_arn: pulumi.Output[str]
    """ARN of that bucket."""
    uploads_bucket_domain_name: pulumi.Output[str]
    """Regional domain name of that bucket, for an origin that takes PUTs."""
    images_bucket_name: pulumi.Output[str]
    """Bucket of the thumbnails, below `image_prefix`, and of what became of each photo."""
    images_bucket_arn: pulumi.Output[str]
    """ARN of that bucket."""
    images_bucket_domain_name: pulumi.Output[str]
    """Regional domain name of that bucket, for an origin of `/img/*`."""
    function_name: pulumi.Output[str]
    """Name of the function."""
    queue_url: pulumi.Output[str]
    """URL of the queue between uploads and function."""
    dead_letter_queue_url: pulumi.Output[str]
    """URL of the queue of messages that the function failed on."""

    def __init__(
        self, name: str, args: PhotoThumbnailsArgs, opts: Optional[pulumi.ResourceOptions] = None
    ) -> None:
        super().__init__("colonnade:index:PhotoThumbnails", name, {}, opts)
        self._name, self._args = name, args
        _check(name, args)
        self._opts = pulumi.ResourceOptions(parent=self)
        self._alarms = Alarms(name, self, args.get("alarm_topic_arn"))

        self._buckets = PhotoBuckets(
            name,
            parent=self,
            uploads=(args.get("uploads_bucket_arn"), args.get("upload_prefix", "uploads/")),
            images=(args.get("images_bucket_arn"), args.get("image_prefix", "img/")),
            distribution=args.get("distribution"),
            retain=args.get("retain_data", True),
        )
        self._buckets.allow_uploads_from(args.get("allowed_origins", ["*"]))
        if self._is_accelerated:
            self._buckets.accelerate()
        self._queue = self._create_queue()
        self._function = self._create_function()
        self._create_mapping()
        self._create_notifications()
        create_photo_alarms(self._alarms, self._function, self._queue, parent=self)
        create_photo_dashboard(name, self._function, self._queue, self._alarms.arns, parent=self)
        outputs = self._outputs()
        vars(self).update(outputs)
        self.register_outputs(outputs)

    def grant_distribution_access(self, distribution_arn: pulumi.Input[str]) -> None:
        """Let a CloudFront distribution read thumbnails, and store uploads if `edge` says so.

        For a distribution that is made of this component's domain names, and so after it: call it
        once, with `edge` among the arguments.
        """
        self._buckets.grant_distribution_access(distribution_arn)

    def grant_photo_api(self) -> AccessArgs:
        """For a function that signs uploads and lists photos: `serverless_api/photos`."""
        own = {
            "MAX_UPLOAD_BYTES": str(self._max_upload_bytes),
            "ACCELERATED": str(int(self._is_accelerated)),
        }
        return {
            "environment": {**self._buckets.environment, **own},
            "statements": self._buckets.grant_photo_api(),
        }

    @property
    def _is_accelerated(self) -> bool:
        return self._args.get("transfer_acceleration", False)

    @property
    def _max_upload_bytes(self) -> int:
        return int(self._args.get("max_upload_bytes", 25 * 1024**2))

    def _create_queue(self) -> Queue:
        return Queue(
            f"{self._name}-queue",
            parent=self,
            max_receive_count=_TRIES,
            visibility_timeout=6 * int(self._args.get("timeout", 60)),
        )

    def _create_function(self) -> Function:
        statements = [self._queue.grant_receive(), *self._buckets.grant_convert()]
        return Function(
            f"{self._name}-thumbnail",
            "photo_thumbnails/thumbnail",
            parent=self,
            settings=self._args.get("functions", {}),
            alarms=self._alarms,
            libraries=_LIBRARIES,
            access=[{"statements": statements}, self._rekognition()],
            environment=self._environment(),
            timeout=int(self._args.get("timeout", 60)),
            memory=int(self._args.get("memory", 1769)),
        )

    def _rekognition(self) -> AccessArgs:
        return grant_rekognition(self._args.get("moderation"), self._args.get("labels"))

    def _environment(self) -> dict[str, pulumi.Input[str]]:
        return {
            **self._buckets.environment,
            "SIZES": ",".join(str(int(each)) for each in self._args.get("sizes", _SIZES)),
            "FORMATS": ",".join(self._args.get("formats", _FORMATS)),
            "QUALITY": str(int(self._args.get("quality", 80))),
            "KEEP_COLOR_PROFILE": str(int(self._args.get("keep_color_profile", False))),
            "MAX_UPLOAD_BYTES": str(self._max_upload_bytes),
            "TRIES": str(_TRIES),
        }

    def _create_mapping(self) -> None:
        concurrency = self._args.get("max_concurrency")
        aws.lambda_.EventSourceMapping(
            f"{self._name}-mapping",
            event_source_arn=self._queue.arn,
            function_name=self._function.arn,
            # A picture that ends the function, against all odds, ends no other's.
            batch_size=1,
            function_response_types=["ReportBatchItemFailures"],
            scaling_config={"maximum_concurrency": int(concurrency)} if concurrency else None,
            opts=self._opts,
        )

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
            [own, *self._args.get("notifications", ())],
            parent=self,
            eventbridge=self._args.get("eventbridge", False),
            depends_on=[policy],
        )

    def _outputs(self) -> dict[str, pulumi.Output[str]]:
        buckets, queue = self._buckets, self._queue
        return {
            "uploads_bucket_name": buckets.uploads.bucket_name,
            "uploads_bucket_arn": buckets.uploads.arn,
            "uploads_bucket_domain_name": domain_name(buckets.uploads, queue.arn),
            "images_bucket_name": buckets.images.bucket_name,
            "images_bucket_arn": buckets.images.arn,
            "images_bucket_domain_name": domain_name(buckets.images, queue.arn),
            "function_name": self._function.function_name,
            "queue_url": queue.url,
            "dead_letter_queue_url": queue.dead_letters.url,
        }


def _own_notification(args: PhotoThumbnailsArgs) -> BucketNotificationArgs:
    return {"prefix": args.get("upload_prefix", "uploads/"), "events": [CREATED, REMOVED]}


def _check(name: str, args: PhotoThumbnailsArgs) -> None:
    problems = Problems("PhotoThumbnails", name)
    problems.unknown(args, PhotoThumbnailsArgs.__annotations__)
    sizes, formats = list(args.get("sizes", _SIZES)), list(args.get("formats", _FORMATS))
    problems.that(1 <= len(sizes) == len(set(sizes)) <= 8, "sizes", "give 1 to 8, each once")
    for size in sizes:
        problems.between({"sizes": size}, "sizes", 16, 4096, "pixels")
    problems.that(0 < len(formats) == len(set(formats)), "formats", "give some, each once")
    for each in formats:
        problems.one_of({"formats": each}, "formats", _KNOWN_FORMATS)
    problems.between(args, "quality", 1, 100, "of 100")
    problems.between(args, "max_upload_bytes", 1, 100 * 1024**2, "bytes")
    problems.between(args, "memory", 512, 10240, "MiB")
    problems.between(args, "timeout", 10, 900, "seconds")
    problems.between(args, "max_concurrency", 2, 1000, "photos")
    check_photo_buckets(
        problems,
        (args.get("uploads_bucket_arn"), args.get("upload_prefix", "uploads/")),
        (args.get("images_bucket_arn"), args.get("image_prefix", "img/")),
        args.get("distribution"),
    )
    dotted = args.get("transfer_acceleration", False) and "." in name
    problems.that(not dotted, "transfer_acceleration", "not for buckets with a dot in their name")
    check_rekognition(problems, args.get("moderation"), args.get("labels"))
    own = _own_notification(args)
    check_bucket_notifications(problems, "notifications", args.get("notifications", ()), own)
    check_functions(problems, args.get("functions", {}))
    problems.report()
