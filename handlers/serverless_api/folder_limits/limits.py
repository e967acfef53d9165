"""The limits of users' folders, and the deletion of what is beyond them."""

import logging
from typing import TYPE_CHECKING, Any

import user_folder
from botocore.exceptions import ClientError

from .messages import WrittenFile

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

logger = logging.getLogger(__name__)

_GONE = ("NoSuchKey", "NoSuchVersion", "PreconditionFailed")


class Limits:
    """Checks files, and deletes those that a folder must not contain.

    In a versioned bucket it deletes the version for good, so that the file before it returns.

    Args:
        client: an S3 client.
        bucket: the bucket of the folders.
        max_file_bytes: maximum size of a file.
        max_folder_bytes: maximum size of all that a folder stores, with earlier versions.
        max_files: maximum number of files, with earlier versions.
        media_types: allowed media types, without parameters and in lowercase.
    """

    def __init__(
        self,
        client: "S3Client",
        bucket: str,
        *,
        max_file_bytes: int,
        max_folder_bytes: int,
        max_files: int,
        media_types: frozenset[str],
    ) -> None:
        self._client = client
        self._bucket = bucket
        self._max_file_bytes = max_file_bytes
        self._max_folder_bytes = max_folder_bytes
        self._max_files = max_files
        self._media_types = media_types

    def check(self, file: WrittenFile) -> str:
        """Check one file.

        Returns:
            `kept`; `gone`, if it is deleted or replaced already; or the limit that it is beyond,
            and because of which it was deleted: `name`, `size`, `type`, `files` or `folder`.
        """
        sub = file.key.removeprefix(user_folder.PREFIX).partition("/")[0]
        media_type = self._media_type(file)
        if media_type is None:
            return "gone"
        reason = self._reason(sub, file, media_type)
        if reason != "kept" and not self._delete(file):
            return "gone"
        if reason != "kept":
            logger.warning("file deleted", extra={"user": sub, "code": reason})
        return reason

    def _reason(self, sub: str, file: WrittenFile, media_type: str) -> str:
        if not _is_listed(sub, file.key):
            return "name"
        if file.size > self._max_file_bytes:
            return "size"
        if media_type not in self._media_types:
            return "type"
        return self._beyond_folder(sub)

    def _media_type(self, file: WrittenFile) -> str | None:
        """Return the media type of a file; None if it is deleted, or another has replaced it."""
        try:
            found = self._client.head_object(Bucket=self._bucket, Key=file.key, **_version(file))
        except ClientError as error:
            # S3 answers 403 for a missing object, as the function cannot list the whole bucket.
            if error.response["Error"]["Code"] in ("403", "404") and not self._exists(file):
                return None
            raise
        if not file.version and found["ETag"].strip('"') != file.etag:
            return None
        return found["ContentType"].partition(";")[0].strip().lower()

    def _exists(self, file: WrittenFile) -> bool:
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=file.key
        )
        return any(
            each["Key"] == file.key and file.version in ("", each["VersionId"])
            for page in pages
            for each in page.get("Versions", [])
        )

    def _beyond_folder(self, sub: str) -> str:
        count = size = 0
        pages = self._client.get_paginator("list_object_versions").paginate(
            Bucket=self._bucket, Prefix=user_folder.path(sub)
        )
        for page in pages:
            versions = page.get("Versions", [])
            size += sum(each["Size"] for each in versions)
            count += len(versions) + len(page.get("DeleteMarkers", []))
            if count > self._max_files:
                return "files"
            if size > self._max_folder_bytes:
                return "folder"
        return "kept"

    def _delete(self, file: WrittenFile) -> bool:
        """Delete a file, unless another has replaced it. Return whether it was there."""
        condition: dict[str, Any] = _version(file) or {"IfMatch": f'"{file.etag}"'}
        try:
            self._client.delete_object(Bucket=self._bucket, Key=file.key, **condition)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return False
            raise
        return True


def _version(file: WrittenFile) -> Any:
    return {"VersionId": file.version} if file.version else {}


def _is_listed(sub: str, key: str) -> bool:
    """Return whether the API lists a file: not below a folder of its own, for example."""
    try:
        return user_folder.name(sub, key) is not None
    except ValueError:
        return False
