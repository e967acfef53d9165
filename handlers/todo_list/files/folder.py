"""The operations on a user's folder."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import user_folder
from api import (
    Refusal,
    Request,
    Response,
    bad_token,
    bind,
    if_changed,
    of_body,
    unbind,
    utc_text,
)
from botocore.exceptions import ClientError

from .bodies import NewFile, new_file

if TYPE_CHECKING:
    from types_boto3_s3 import S3Client

_QUERY = "files"


class Folder:
    """Serves the folders of one bucket. Each user can only access their own folder."""

    def __init__(self, bucket: str, url_seconds: int, max_bytes: int, client: "S3Client") -> None:
        self._bucket = bucket
        self._url_seconds = url_seconds
        self._max_bytes = max_bytes
        self._client = client

    def list(self, request: Request) -> Response:
        """List a page of files."""
        user = request.user
        token = _continuation(unbind(request.query("next"), user, _QUERY))
        more: dict[str, Any] = {"ContinuationToken": token} if token else {}
        try:
            answer = self._client.list_objects_v2(
                Bucket=self._bucket,
                Prefix=user_folder.path(user),
                Delimiter="/",
                MaxKeys=request.limit(),
                **more,
            )
        except ClientError as error:
            if token and error.response["Error"]["Code"] == "InvalidArgument":
                raise bad_token() from None
            raise
        page: dict[str, Any] = {"items": _files(user, answer.get("Contents", []))}
        if answer.get("NextContinuationToken"):
            page["next"] = bind({"token": answer["NextContinuationToken"]}, user, _QUERY)
        return if_changed(request, page, of_body(page, user))

    def upload(self, request: Request) -> Response:
        """Sign a request that uploads one file."""
        user = request.user
        file = new_file(request.body(), self._max_bytes)
        key = _key(user, file.name)
        signed = self._form(key, file) if file.overwrite else self._put(key, file)
        return Response(201, {**signed, "expiresAt": self._expiry()})

    def download(self, request: Request) -> Response:
        """Sign a URL that downloads one file."""
        name = request.parameter("name")
        key = _key(request.user, name)
        # Not HeadObject: if listing is limited to a prefix, it returns 403 for a missing object.
        listed = self._client.list_objects_v2(Bucket=self._bucket, Prefix=key, MaxKeys=1)
        found = next(iter(listed.get("Contents", [])), None)
        if found is None or found["Key"] != key:
            raise Refusal(404, "name", "is not the name of one of your files")
        url = self._client.generate_presigned_url(
            "get_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                # The browser saves the file and never shows it in the origin of the bucket.
                "ResponseContentDisposition": f"attachment; filename*=UTF-8''{quote(name, '')}",
            },
            ExpiresIn=self._url_seconds,
        )
        return Response(200, {"url": url, "size": found["Size"], "expiresAt": self._expiry()})

    def delete(self, request: Request) -> Response:
        """Delete a file, if there is one."""
        key = _key(request.user, request.parameter("name"))
        self._client.delete_object(Bucket=self._bucket, Key=key)
        return Response(204)

    def _form(self, key: str, file: NewFile) -> dict[str, Any]:
        """Sign a form for a file of exactly this size.

        https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
        """
        fields = {"Content-Type": file.content_type}
        post = self._client.generate_presigned_post(
            self._bucket,
            key,
            Fields=fields,
            Conditions=[fields, ["content-length-range", file.size, file.size]],
            ExpiresIn=self._url_seconds,
        )
        return {"method": "POST", "url": post["url"], "fields": post["fields"], "headers": {}}

    def _put(self, key: str, file: NewFile) -> dict[str, Any]:
        """Sign a PUT that does not overwrite: it can have If-None-Match, which a form cannot.

        https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-writes.html
        """
        headers = {"Content-Type": file.content_type, "If-None-Match": "*"}
        url = self._client.generate_presigned_url(
            "put_object",
            Params={
                "Bucket": self._bucket,
                "Key": key,
                "ContentType": file.content_type,
                "ContentLength": file.size,
                "IfNoneMatch": "*",
            },
            ExpiresIn=self._url_seconds,
        )
        return {"method": "PUT", "url": url, "fields": {}, "headers": headers}

    def _expiry(self) -> str:
        return utc_text(datetime.now(UTC) + timedelta(seconds=self._url_seconds))


def _key(user: str, name: str) -> str:
    try:
        return user_folder.key(user, name)
    except user_folder.BadName as problem:
        raise Refusal(400, "name", str(problem)) from None


def _files(user: str, contents: Any) -> "list[dict[str, Any]]":
    """Return the files with a valid name. Others exist only until `folder_limits` deletes them."""
    named = ((user_folder.name(user, each["Key"]), each) for each in contents)
    return [
        {"name": name, "size": each["Size"], "updatedAt": utc_text(each["LastModified"])}
        for name, each in named
        if name
    ]


def _continuation(after: dict[str, str] | None) -> str | None:
    if after is None:
        return None
    if after.keys() != {"token"} or not after["token"]:
        raise bad_token()
    return after["token"]
