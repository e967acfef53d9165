"""Copies saved pages to the buckets from which distributions serve them."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

from local.cloud import Cloud

OBJECT = "aws:s3/bucketObjectv2:BucketObjectv2"
DISTRIBUTION = "aws:cloudfront/distribution:Distribution"


class Pages:
    """The files of a project that are objects of buckets.

    Args:
        cloud: The cloud with the buckets and distributions.
        project: The folder of Pulumi.yaml.
    """

    def __init__(self, cloud: Cloud, project: Path) -> None:
        self._cloud = cloud
        self._project = project.resolve()
        # A file can be several objects, if symbolic links lead to it.
        self._objects: dict[Path, list[dict[str, Any]]] = {}
        for each in cloud.resources:
            if each.type == OBJECT and (path := each.inputs.get("source", {}).get("path")):
                source = (self._project / path).resolve()
                self._objects.setdefault(source, []).append(each.inputs)

    def publish(self, saved: Iterable[Path]) -> Iterator[str]:
        """Copies saved files; yields a line for each."""
        copied = False
        for path in saved:
            name = path.relative_to(self._project)
            objects = self._objects.get(path, [])
            if not objects or not path.is_file():
                yield f"{name}: a restart applies the change"
                continue
            for given in objects:
                self._copy(path, given)
            copied = True
            yield f"{name}: reloaded"
        if copied:
            self._invalidate()

    def _copy(self, path: Path, given: dict[str, Any]) -> None:
        self._cloud.client("s3").put_object(
            Bucket=given["bucket"],
            Key=given["key"],
            Body=path.read_bytes(),
            ContentType=given["contentType"],
            CacheControl=given["cacheControl"],
        )

    def _invalidate(self) -> None:
        for each in self._cloud.resources:
            if each.type == DISTRIBUTION:
                self._cloud.client("cloudfront").create_invalidation(
                    DistributionId=each.id,
                    InvalidationBatch={
                        "Paths": {"Quantity": 1, "Items": ["/*"]},
                        "CallerReference": str(uuid4()),
                    },
                )
