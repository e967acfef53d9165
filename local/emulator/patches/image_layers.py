"""Layers that are pushed with ECR's own API can be read back.

Stock 1.5.33 forgets the parts of an upload, does not check the digest of a completed layer, answers
UNAVAILABLE for each layer, and names a host for downloads that does not exist here. Only a push by
Docker's protocol is kept.

AWS: "Amazon ECR API Reference": UploadLayerPart, CompleteLayerUpload (which validates the digest),
BatchCheckLayerAvailability, GetDownloadUrlForLayer.

ministack has fixed this when tests/emulator/test_image_layers.py passes with
`unpatched=("image_layers",)`.
"""

import base64
import json
import os
from typing import Any

from ministack.core.responses import error_response_json, json_response, new_uuid
from ministack.services import ecr

from ..services.images import hashed
from . import Server

PART_BYTES = 10 * 1024 * 1024


def apply(server: Server) -> None:
    download = ecr._get_download_url_for_layer

    def get_download_url(data: dict[str, Any]) -> Any:
        status, headers, body = download(data)
        if status == 200:
            answer = json.loads(body)
            path = answer["downloadUrl"].split("/v2/", 1)[1]
            answer["downloadUrl"] = f"http://127.0.0.1:{os.environ['GATEWAY_PORT']}/v2/{path}"
            body = json.dumps(answer).encode()
        return status, headers, body

    ecr._initiate_layer_upload = _initiate
    ecr._upload_layer_part = _upload_part
    ecr._complete_layer_upload = _complete
    ecr._batch_check_layer_availability = _check
    ecr._get_download_url_for_layer = get_download_url


def _initiate(data: dict[str, Any]) -> Any:
    name, upload = data.get("repositoryName", ""), new_uuid()
    if name not in ecr._repositories:
        return _no_repository(name)
    ecr._uploads.setdefault(name, {})[upload] = bytearray()
    return json_response({"uploadId": upload, "partSize": PART_BYTES})


def _upload_part(data: dict[str, Any]) -> Any:
    parts = ecr._uploads.get(data["repositoryName"], {}).get(data["uploadId"])
    if parts is None:
        return _no_upload(data)
    if int(data["partFirstByte"]) != len(parts):
        reason = f"the part begins at {data['partFirstByte']} and not at {len(parts)}"
        return error_response_json("InvalidLayerPartException", reason, 400)
    parts.extend(base64.b64decode(data["layerPartBlob"]))
    known = {key: data[key] for key in ("repositoryName", "uploadId")}
    return json_response({**known, "lastByteReceived": len(parts) - 1})


def _complete(data: dict[str, Any]) -> Any:
    name = data["repositoryName"]
    parts = ecr._uploads.get(name, {}).get(data["uploadId"])
    if parts is None:
        return _no_upload(data)
    (digest,) = data["layerDigests"]
    if hashed(bytes(parts)) != digest:
        reason = f"the layer's digest is {hashed(bytes(parts))} and not {digest}"
        return error_response_json("InvalidLayerException", reason, 400)
    ecr._layer_blobs.setdefault(name, {})[digest] = bytes(parts)
    ecr._uploads[name].pop(data["uploadId"])
    known = {key: data[key] for key in ("repositoryName", "uploadId")}
    return json_response({**known, "layerDigest": digest})


def _check(data: dict[str, Any]) -> Any:
    name = data.get("repositoryName", "")
    if name not in ecr._repositories:
        return _no_repository(name)
    blobs = ecr._layer_blobs.get(name, {})
    layers = [
        {
            "layerDigest": digest,
            "layerAvailability": "AVAILABLE" if digest in blobs else "UNAVAILABLE",
            "layerSize": len(blobs.get(digest, b"")),
        }
        for digest in data.get("layerDigests", [])
    ]
    return json_response({"layers": layers, "failures": []})


def _no_repository(name: str) -> Any:
    reason = f"The repository with name '{name}' does not exist"
    return error_response_json("RepositoryNotFoundException", reason, 400)


def _no_upload(data: dict[str, Any]) -> Any:
    reason = f"there is no upload {data['uploadId']}"
    return error_response_json("UploadNotFoundException", reason, 400)
