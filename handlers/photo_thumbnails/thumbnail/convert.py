"""Updates the thumbnails of a photo from its upload, in whatever order messages arrive.

A message only has the key. What is stored of the photo is listed, then the current upload is read.
After the last write the upload is checked again, so that the last write is always correct.
"""

import logging
import secrets
from typing import TYPE_CHECKING, Protocol

from partial_batch import BadRecord
from photo_names import Entry, photo_id
from photo_names.state import State

from . import picture, rekognition
from .failure import Failure
from .images import Images
from .settings import Settings
from .stored import Stored
from .uploads import Upload, Uploads

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

GAVE_UP = "GaveUp"
_ROUNDS = 3
"""Maximum number of conversions while the upload changes."""


class ConvertClients(Protocol):
    """The AWS clients that the function uses; Rekognition only if image analysis is enabled."""

    @property
    def s3(self) -> "S3Client": ...
    @property
    def rekognition(self) -> rekognition.Rekognition: ...


class Converter:
    """Converts the uploads of one bucket."""

    def __init__(self, settings: Settings, clients: ConvertClients) -> None:
        self._settings = settings
        self._clients = clients
        self._uploads = Uploads(settings.uploads_bucket, bool(settings.manual_approval), clients.s3)
        self._images = Images(
            settings.images_bucket, settings.image_prefix, settings.timeout, clients.s3
        )

    def convert(self, key: str, is_repeated: bool) -> None:
        """Update the thumbnails of one photo.

        Args:
            key: object key of the upload.
            is_repeated: whether the message was received before. The function may have crashed on
                it, or failed in AWS, or the invocation was throttled and nothing was attempted.

        Raises:
            BadRecord: all attempts failed, which is recorded, or the upload changes all the time.
            ClientError, BotoCoreError: AWS failed; the message is retried.
        """
        photo, ended = photo_id(key), list[str]()
        for number in range(_ROUNDS):
            stored = self._images.find(photo, ended)
            upload = self._uploads.open(key)
            if upload is None:
                self._images.forget(key, stored)
                logger.info("photo forgotten", extra={"photo": photo})
            else:
                run = secrets.token_hex(8)
                self._settle(upload, stored, run, may_have_failed=is_repeated and number == 0)
                ended.append(run)
            if self._uploads.is_current(key, upload):
                return
        raise BadRecord("the upload changes all the time")

    def _settle(self, upload: Upload, stored: Stored, run: str, may_have_failed: bool) -> None:
        version = upload.version(self._settings.digest)
        if _is_final(stored.state, version, upload.is_approved) and self._images.is_complete(
            stored
        ):
            upload.close()
            self._images.tidy(stored)
            return
        try:
            if may_have_failed and not self._may_attempt(upload, version):
                upload.close()
                raise Failure(
                    GAVE_UP, "The picture could not be converted. It may be converted later."
                )
            self._make(upload, version, run, stored)
        except Failure as failure:
            self._images.settle_failed(upload.key, version, failure, stored)
            # Only the ID: the name of an upload is personal.
            logger.warning(
                "photo failed", extra={"photo": photo_id(upload.key), "code": failure.code}
            )
            if failure.code == GAVE_UP:
                raise BadRecord("given up") from None

    def _may_attempt(self, upload: Upload, version: str) -> bool:
        """Count an attempt before it begins, as it may crash the function.

        The first receive is not counted, so that most photos need no further request.
        """
        photo = photo_id(upload.key)
        attempts = 1 + self._images.attempts(photo, version)
        if attempts >= self._settings.tries:
            return False
        self._images.put_attempts(photo, version, attempts)
        return True

    def _make(self, upload: Upload, version: str, run: str, stored: Stored) -> None:
        settings = self._settings
        photo = picture.read(
            self._content(upload), settings.options, settings.aws_lambda_function_memory_size
        )
        labels = self._analyze(photo)
        if not upload.is_approved:
            self._images.settle_held(upload.key, version, labels, stored)
            logger.info("photo held", extra={"photo": photo_id(upload.key)})
            return
        entry = Entry(
            photo_id(upload.key),
            version,
            int(upload.uploaded_at.timestamp() * 1000),
            photo.width,
            photo.height,
            tuple(sorted(settings.options.sizes)),
            photo.formats,
        )
        self._images.put(entry, photo.renditions())
        self._images.settle_ready(upload.key, entry, labels, run, stored)
        logger.info("photo ready", extra={"photo": entry.photo, "bytes": upload.size})

    def _content(self, upload: Upload) -> bytes:
        limit = self._settings.max_upload_bytes
        if upload.size == 0 or upload.size > limit:
            upload.close()
            if not upload.size:
                raise Failure("Empty", "The file has no content.")
            raise Failure("TooLarge", f"The file has {upload.size} bytes, of at most {limit}.")
        return upload.read()

    def _analyze(self, photo: picture.Photo) -> list[str]:
        settings, (_size, largest) = self._settings, photo.thumbnails[0]
        if settings.moderation_confidence:
            rekognition.check_moderation(
                self._clients.rekognition, largest, settings.moderation_confidence
            )
        if not settings.label_confidence:
            return []
        return rekognition.labels(
            self._clients.rekognition, largest, settings.label_confidence, settings.max_labels
        )


def _is_final(state: State | None, version: str, is_approved: bool) -> bool:
    """Tell whether a photo has a result of this version that another attempt would not change."""
    if state is None or state["version"] != version:
        return False
    if state["status"] == "failed":
        return bool(state["code"] != GAVE_UP)
    return bool(is_approved == (state["status"] == "ready"))
