"""The buckets of uploads and images on the emulator, and the function between them."""

import itertools
import json
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote_plus

from photo_names import Entry, photo_id
from photo_thumbnails.thumbnail.app import Thumbnails
from photo_thumbnails.thumbnail.settings import Settings

from local.emulator.process import Emulator

from ..aws import make_clients

TRIES = 3
_numbers = itertools.count(1)


class Rekognition:
    """Returns the labels that a test sets."""

    def __init__(self, moderation: list[str], labels: list[str]) -> None:
        self.found = {"ModerationLabels": moderation, "Labels": labels}
        self.asked: list[dict[str, Any]] = []

    def _answer(self, kind: str, wanted: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(wanted)
        return {kind: [{"Name": name, "Confidence": 99.0} for name in self.found[kind]]}

    def detect_moderation_labels(self, **wanted: Any) -> dict[str, Any]:
        return self._answer("ModerationLabels", wanted)

    def detect_labels(self, **wanted: Any) -> dict[str, Any]:
        return self._answer("Labels", wanted)


class PhotoWorld:
    """One photo system with unique names, so that tests are isolated."""

    def __init__(self, emulator: Emulator) -> None:
        number = next(_numbers)
        self.s3 = make_clients(emulator, "s3").s3
        self.uploads, self.images = f"uploads-{number}", f"images-{number}"
        for bucket in (self.uploads, self.images):
            self.s3.create_bucket(Bucket=bucket)
        self.rekognition = Rekognition([], [])

    def settings(self, **changes: Any) -> Settings:
        values = {
            "uploads_bucket": self.uploads,
            "upload_prefix": "uploads/",
            "images_bucket": self.images,
            "image_prefix": "img/",
            "sizes": "64,128",
            "formats": "webp,original",
            "quality": 80,
            "keep_color_profile": 0,
            "max_upload_bytes": 1_000_000,
            "manual_approval": 0,
            "timeout": 60,
            "tries": TRIES,
            "moderation_confidence": 0,
            "label_confidence": 0,
            "max_labels": 10,
            "aws_lambda_function_memory_size": 1769,
        }
        return Settings(**{**values, **changes})

    def function(self, s3: Any = None, **changes: Any) -> Thumbnails:
        clients = SimpleNamespace(s3=s3 or self.s3, rekognition=self.rekognition)
        return Thumbnails(self.settings(**changes), clients)

    def upload(self, key: str, content: bytes) -> None:
        self.s3.put_object(Bucket=self.uploads, Key=key, Body=content)

    def delete(self, key: str) -> None:
        self.s3.delete_object(Bucket=self.uploads, Key=key)

    def tag(self, key: str, **tags: str) -> None:
        tag_set = [{"Key": name, "Value": value} for name, value in tags.items()]
        self.s3.put_object_tagging(Bucket=self.uploads, Key=key, Tagging={"TagSet": tag_set})

    def notify(
        self, *keys: str, received: int = 1, function: Thumbnails | None = None, **record: Any
    ) -> list[str]:
        """Invoke the function with one message and return the failed messages."""
        records = [
            {
                "eventName": "ObjectCreated:Post",
                "s3": {
                    "bucket": {"name": self.uploads},
                    "object": {"key": quote_plus(key, safe="/")},
                },
            }
            for key in keys
        ]
        message = {
            "messageId": "m",
            "attributes": {"ApproximateReceiveCount": str(received)},
            "body": json.dumps({"Records": records}),
            **record,
        }
        answer = (function or self.function())({"Records": [message]})
        return [each["itemIdentifier"] for each in answer["batchItemFailures"]]

    def convert(self, key: str, content: bytes, **changes: Any) -> dict[str, Any]:
        """Upload a photo, notify the function and return the state of the photo."""
        self.upload(key, content)
        assert self.notify(key, function=self.function(**changes)) == []
        return self.state(key)

    def state(self, key: str) -> dict[str, Any]:
        return json.loads(self.get(f"photos/{photo_id(key)}.json"))

    def entry(self, key: str) -> Entry:
        found = Entry.parse(self.state(key)["entry"])
        assert found
        return found

    def get(self, key: str) -> bytes:
        return self.s3.get_object(Bucket=self.images, Key=key)["Body"].read()

    def stored(self, prefix: str = "") -> list[str]:
        answer = self.s3.list_objects_v2(Bucket=self.images, Prefix=prefix)
        return [each["Key"] for each in answer.get("Contents", [])]
