"""Images of public registries can be read, without the internet.

Stock 1.5.33 has no public registry. Here each public image is the one of `services/public_images`,
at `/v2/public.ecr.aws/` by the protocol of registries.

ministack has fixed this when tests/emulator/test_public_images.py passes with
`unpatched=("public_images",)`.
"""

import json
from typing import Any

from ministack import app

from ..services.public_images import BLOBS, FOLDER
from . import Server

PREFIX = f"/v2/{FOLDER}/"


def apply(server: Server) -> None:
    stock = app._handle_special_data_plane_request

    async def handle(method: str, path: str, *request: Any, **more: Any) -> Any:
        if method == "GET" and path == "/token/":
            return 200, {"Content-Type": "application/json"}, json.dumps({"token": "any"}).encode()
        if method == "GET" and path.startswith(PREFIX):
            content = BLOBS.get(path.rpartition("/")[2])
            if content is not None:
                return 200, {"Content-Type": "application/octet-stream"}, content
            return 404, {"Content-Type": "application/json"}, b'{"errors": []}'
        return await stock(method, path, *request, **more)

    app._handle_special_data_plane_request = handle
