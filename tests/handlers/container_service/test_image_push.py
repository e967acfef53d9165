"""The image of a service: pushed by the API of the emulated registry, and read back from it."""

import gzip
import hashlib
import io
import json
import tarfile
import uuid
import zipfile
from urllib.request import urlopen

import pytest
from botocore.exceptions import ClientError
from container_service.image_push import app
from container_service.image_push.base_image import BaseImage, BaseImageError
from container_service.image_push.repository import Repository

from local.emulator.services.public_images import DIGEST, FOLDER
from tests.handlers.aws import make_clients


def code(names: list[str], content: str = "print(1)") -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            member = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            member.external_attr = 0o100644 << 16
            archive.writestr(member, content)
    return buffer.getvalue()


class World:
    """A repository, and a bucket with an archive."""

    def __init__(self, emulator):
        self.clients = make_clients(emulator, "ecr", "s3")
        self.name = f"service-{uuid.uuid4().hex[:8]}"
        self.clients.ecr.create_repository(repositoryName=self.name, imageTagMutability="IMMUTABLE")
        self.clients.s3.create_bucket(Bucket=self.name)
        self.base = f"{emulator.endpoint}/{FOLDER}/docker/library/python:3.13-slim@{DIGEST}"

    def push(self, archive: bytes, tag: str = "one", **more: object) -> str:
        self.clients.s3.put_object(Bucket=self.name, Key=f"{tag}.zip", Body=archive)
        event = {
            "repository": self.name,
            "tag": tag,
            "base_image": self.base,
            "architecture": "arm64",
            "bucket": self.name,
            "key": f"{tag}.zip",
            "command": ["python", "-m", "service_server"],
            "port": 8080,
        }
        return app.handler({**event, **more}, None)["digest"]

    def manifest(self, digest: str) -> dict:
        found = self.clients.ecr.batch_get_image(
            repositoryName=self.name, imageIds=[{"imageDigest": digest}]
        )
        return json.loads(found["images"][0]["imageManifest"])

    def blob(self, digest: str) -> bytes:
        found = self.clients.ecr.get_download_url_for_layer(
            repositoryName=self.name, layerDigest=digest
        )
        with urlopen(found["downloadUrl"]) as answer:
            return answer.read()

    def config(self, digest: str) -> dict:
        return json.loads(self.blob(self.manifest(digest)["config"]["digest"]))


@pytest.fixture
def world(emulator, monkeypatch) -> World:
    made = World(emulator)
    monkeypatch.setattr(app, "clients", lambda: made.clients)
    return made


def test_the_code_is_a_layer_over_the_base_image(world):
    digest = world.push(code(["app.py", "library/__init__.py"]))
    manifest, config = world.manifest(digest), world.config(digest)
    *base, own = manifest["layers"]
    assert len(base) == 1 and world.blob(base[0]["digest"])
    content = world.blob(own["digest"])
    assert len(content) == own["size"]
    with tarfile.open(fileobj=io.BytesIO(content)) as layer:
        members = layer.getmembers()
    assert [each.name for each in members] == ["app/app.py", "app/library/__init__.py"]
    assert {(each.mtime, each.uid, each.gid, each.mode) for each in members} == {(0, 0, 0, 0o644)}
    run = config["config"]
    assert (run["Cmd"], run["WorkingDir"]) == (["python", "-m", "service_server"], "/app")
    assert run["User"] == "65532:65532" and run["Env"][0].startswith("PATH=")
    assert config["architecture"] == "arm64" and len(config["rootfs"]["diff_ids"]) == 2


def test_the_diff_id_is_the_digest_of_the_uncompressed_layer(world):
    digest = world.push(code(["app.py"]))
    plain = gzip.decompress(world.blob(world.manifest(digest)["layers"][-1]["digest"]))
    made = f"sha256:{hashlib.sha256(plain).hexdigest()}"
    assert world.config(digest)["rootfs"]["diff_ids"][-1] == made


def test_the_same_code_is_the_same_image(world):
    first = world.push(code(["b.py", "a.py"]), "one")
    assert world.push(code(["a.py", "b.py"]), "two") == first
    assert world.push(code(["a.py", "b.py"], "print(2)"), "three") != first
    assert world.push(code(["b.py", "a.py"]), "four", port=9000) != first


def test_a_pushed_tag_is_not_pushed_again(world):
    first = world.push(code(["app.py"]))
    # A retry of the same invocation: nothing is read.
    assert world.push(b"not an archive", base_image="nothing") == first


def test_a_new_role_gets_its_permissions_a_little_later(world, monkeypatch):
    denied = ClientError({"Error": {"Code": "AccessDeniedException"}}, "BatchGetImage")
    answers = [denied, denied]
    find = Repository.find

    def find_later(self: Repository, tag: str) -> str:
        if answers:
            raise answers.pop()
        return find(self, tag)

    monkeypatch.setattr(Repository, "find", find_later)
    monkeypatch.setattr(app, "_PAUSE_SECONDS", 0)
    assert world.manifest(world.push(code(["app.py"])))
    answers += [denied] * 20
    with pytest.raises(ClientError, match="AccessDeniedException"):
        world.push(code(["app.py"]))


def test_a_layer_of_several_parts(world):
    archive = code(["app.py"])
    # Random bytes do not shrink: three parts of 10 MiB.
    noise = b"".join(hashlib.sha512(str(n).encode()).digest() for n in range(360_000))
    buffer = io.BytesIO(archive)
    with zipfile.ZipFile(buffer, "a") as more:
        more.writestr("data.bin", noise)
    digest = world.push(buffer.getvalue())
    own = world.manifest(digest)["layers"][-1]
    assert own["size"] > 20 * 1024**2
    content = world.blob(own["digest"])
    assert f"sha256:{hashlib.sha256(content).hexdigest()}" == own["digest"]


def test_another_base_image_is_refused(world, monkeypatch):
    changed = BaseImage(world.base.replace(DIGEST, f"sha256:{'0' * 64}"), "arm64")
    with pytest.raises(BaseImageError, match="cannot be read: HTTP Error 404"):
        _ = changed.manifest
    same = BaseImage(world.base, "arm64")
    monkeypatch.setattr(same, "_open", lambda *_: io.BytesIO(b"{}"))
    with pytest.raises(BaseImageError, match=f"has other content than {DIGEST}"):
        _ = same.manifest


def test_a_tag_alone_is_refused():
    with pytest.raises(BaseImageError, match="is not the address of an image with its digest"):
        BaseImage("https://public.ecr.aws/docker/library/python:3.13-slim", "arm64")


def test_the_image_is_that_of_the_architecture(world):
    arm, intel = (BaseImage(world.base, each) for each in ("arm64", "x86_64"))
    assert (arm.config["architecture"], intel.config["architecture"]) == ("arm64", "amd64")
