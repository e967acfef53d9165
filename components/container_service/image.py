"""The image of a service: built from its code in AWS, without Docker, or the user's own."""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence

import pulumi
import pulumi_aws as aws

from .._blocks.access import StatementArgs, allow
from .._blocks.alarms import Alarms
from .._blocks.arguments import Matches
from .._blocks.bucket import Bucket
from .._blocks.function import Function
from .._blocks.service_code import ServiceCode

_FORMAT = "1"  # raise it when the same inputs shall give another image
_KEPT_IMAGES = 20
_REGISTRY = "public.ecr.aws"
BASE_IMAGE = Matches(
    rf"{re.escape(_REGISTRY)}/[a-z0-9./_-]+(:[\w.-]+)?@sha256:[0-9a-f]{{64}}",
    "an image of public.ecr.aws with its digest: "
    "'public.ecr.aws/docker/library/python:3.13-slim@sha256:...'",
)
BASE_IMAGES: Mapping[str, str] = {
    python: f"{_REGISTRY}/docker/library/python:{python}-slim@sha256:{digest}"
    for python, digest in {
        "3.12": "78387bc3881b8273120a12ebe6c1ab22b018ccc2c9adf565ae1ac9b536e184ea",
        "3.13": "7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b",
        "3.14": "a2b82f3c48559aa0a8446d9af49826b6e2b2016f4cd2afabfe6013ec53729170",
    }.items()
}
"""Base images by the minor version of Python. Each digest is that of an index for arm64 and x86_64,
which has the same digest at Docker Hub. A newer one updates the operating system: `base_image`."""
_PULL = ("ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer")
_PUSH = (
    "ecr:BatchCheckLayerAvailability",
    "ecr:BatchGetImage",
    "ecr:CompleteLayerUpload",
    "ecr:InitiateLayerUpload",
    "ecr:PutImage",
    "ecr:UploadLayerPart",
)
_ECR = re.compile(
    r"(?P<account>\d{12})\.dkr\.ecr\.(?P<region>[a-z0-9-]+)\.[^/]+/(?P<name>[^@:]+)(:[^@]+)?(@.+)?"
)


def default_base_image(python: str) -> str:
    """Return the base image for a version of Python.

    Local mode runs code on the Python of its machine: any base image does.
    """
    return BASE_IMAGES.get(python, BASE_IMAGES["3.13"])


class CodeImage:
    """An image of code, pushed by a function when the code changes. Adds no level to the URN.

    Nothing is built or pushed on the machine that runs the program, which needs no Docker. The code
    goes to a bucket as the archive that instances run too; the function makes a layer of it over
    the base image. The tag is known at preview: it is a digest of all inputs.

    Args:
        name: prefix of the resources' names.
        code: the code.
        base_image: address of the base image, with its digest.
        port: port that the service listens on.
        parent: the component it belongs to.
        log_retention_days: retention of the function's logs.
        alarms: creates the alarms of the function.

    Raises:
        BundleError: see `ServiceCode.build`.
    """

    def __init__(
        self,
        name: str,
        code: ServiceCode,
        base_image: str,
        port: int,
        *,
        parent: pulumi.Resource,
        log_retention_days: int,
        alarms: Alarms,
    ) -> None:
        self._name, self._code, self._parent = name, code, parent
        self._opts = pulumi.ResourceOptions(parent=parent)
        archive = code.build()
        inputs = {
            "base_image": f"https://{base_image}",
            "architecture": code.architecture,
            "key": archive.name,  # it has the digest of the code
            "command": list(code.command),
            "port": port,
        }
        self.tag = hashlib.sha256(f"{_FORMAT}{json.dumps(inputs)}".encode()).hexdigest()[:40]
        """The tag of the image."""
        repository = self._create_repository()
        self._bucket = Bucket(f"{name}-code", parent=parent, retain=False)
        stored = aws.s3.BucketObjectv2(
            f"{name}-code-archive",
            bucket=self._bucket.bucket_name,
            key=archive.name,
            source=pulumi.FileAsset(archive.as_posix()),
            opts=self._opts,
        )
        function = self._create_function(repository, log_retention_days, alarms)
        pushed = aws.lambda_.Invocation(
            f"{name}-image",
            function_name=function.function_name,
            input=pulumi.Output.json_dumps(
                {
                    **inputs,
                    "repository": repository.name,
                    "tag": self.tag,
                    "bucket": self._bucket.bucket_name,
                },
                sort_keys=True,
            ),
            opts=pulumi.ResourceOptions.merge(
                self._opts, pulumi.ResourceOptions(depends_on=[stored])
            ),
        )
        digest = pushed.result.apply(lambda text: str(json.loads(text)["digest"]))
        self.reference = pulumi.Output.concat(repository.repository_url, "@", digest)
        """The reference of the image, with its digest."""
        self.pull = [allow(_PULL, repository.arn)]
        """The permissions to pull the image."""

    def _create_repository(self) -> aws.ecr.Repository:
        repository = aws.ecr.Repository(
            f"{self._name}-images",
            image_tag_mutability="IMMUTABLE",
            image_scanning_configuration={"scan_on_push": True},
            encryption_configurations=[{"encryption_type": "AES256"}],
            # An image can be pushed again from its code.
            force_delete=True,
            opts=self._opts,
        )
        rule = {
            "rulePriority": 1,
            "description": "Old images are pushed again from their code when a stack needs them",
            "selection": {
                "tagStatus": "any",
                "countType": "imageCountMoreThan",
                "countNumber": _KEPT_IMAGES,
            },
            "action": {"type": "expire"},
        }
        aws.ecr.LifecyclePolicy(
            f"{self._name}-images-lifecycle",
            repository=repository.name,
            policy=json.dumps({"rules": [rule]}),
            opts=self._opts,
        )
        return repository

    def _create_function(
        self, repository: aws.ecr.Repository, log_retention_days: int, alarms: Alarms
    ) -> Function:
        objects = pulumi.Output.concat(self._bucket.arn, "/*")
        return Function(
            f"{self._name}-push",
            "container_service/image_push",
            parent=self._parent,
            settings={
                "architecture": self._code.architecture,
                "python": self._code.python,
                "log_retention_days": log_retention_days,
            },
            alarms=alarms,
            access=[
                {"statements": [allow(_PUSH, repository.arn), allow(["s3:GetObject"], objects)]}
            ],
            # The layers of a base image have some 50 MB.
            timeout=900,
            memory=1024,
        )


def pull_statements(
    image: pulumi.Input[str], role_arn: pulumi.Output[str]
) -> Sequence[StatementArgs]:
    """Return the permissions to pull a user's image: those on its repository if ECR has it.

    Args:
        image: reference of the image.
        role_arn: ARN of the role, for the partition.
    """
    if isinstance(image, str) and not _ECR.fullmatch(image):
        return []
    return [allow(_PULL, pulumi.Output.all(image, role_arn).apply(_repository_arn))]


def is_elsewhere(image: object) -> bool:
    """Return whether an image is known to be in another registry than ECR."""
    return isinstance(image, str) and not _ECR.fullmatch(image)


def _repository_arn(known: Sequence[str]) -> str:
    image, role_arn = known
    found = _ECR.fullmatch(image)
    if found is None:
        raise ValueError(
            f"image '{image}' is not in ECR: give it as a text that is known at preview"
        )
    partition = role_arn.split(":")[1]
    return f"arn:{partition}:ecr:{found['region']}:{found['account']}:repository/{found['name']}"
