"""An object that is replaced has the tags of its new upload, and changes of tags are events.

Stock 1.5.33 keeps the tags of the object that a PUT or a form replaces in a bucket without
versions, and sends no `s3:ObjectTagging:*` events.

AWS: "PutObject" (the tag set of the object is that of the request), and "Supported event types for
SQS, SNS, and Lambda" in the user guide of S3.

ministack has fixed this when tests/emulator/test_object_tags.py passes with
`unpatched=("object_tags",)`.
"""

from typing import Any

from ministack.services import s3

from . import Server

_UPLOADS = ("s3:ObjectCreated:Put", "s3:ObjectCreated:Post")
_CHANGES = {"_put_object_tagging": "Put", "_delete_object_tagging": "Delete"}


def apply(server: Server) -> None:
    fire = s3._fire_s3_event_async

    def forget_tags_and_fire(bucket: str, key: str, event: str, **details: Any) -> None:
        # The tags of the new object are stored after its event.
        if event in _UPLOADS and not details.get("version_id"):
            s3._object_tags.pop((bucket, key, None), None)
        fire(bucket, key, event, **details)

    s3._fire_s3_event_async = forget_tags_and_fire
    for name, kind in _CHANGES.items():
        setattr(s3, name, _with_event(getattr(s3, name), f"s3:ObjectTagging:{kind}"))


def _with_event(change: Any, event: str) -> Any:
    def change_and_fire(bucket: str, key: str, *request: Any) -> Any:
        answer = change(bucket, key, *request)
        if answer[0] < 300:
            version = answer[1].get("x-amz-version-id")
            s3._fire_s3_event_async(bucket, key, event, version_id=version)
        return answer

    return change_and_fire
