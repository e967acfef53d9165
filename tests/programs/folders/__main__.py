"""An API whose users write to their folders themselves, within limits."""

import json

import pulumi

from components import ServerlessApi

config = pulumi.Config()
document = {
    "openapi": "3.0.3",
    "info": {"title": "folders", "version": "1"},
    "paths": {
        "/health": {
            "get": {
                "operationId": "getHealth",
                "security": [],
                "responses": {"200": {"description": "it runs"}},
            }
        }
    },
}
api = ServerlessApi(
    "folders",
    {
        "openapi": json.dumps(document),
        "operations": {"getHealth": "health"},
        "api_functions": {"health": {"code": "serverless_api/health"}},
        "users": {"callback_urls": ["http://localhost:8080/"]},
        "user_folder": {
            "direct_writes": {
                "allowed_media_types": ["text/plain"],
                "max_file_bytes": 100,
                "max_folder_bytes": 150,
            }
        },
        "functions": {
            "architecture": config.require("lambdaArchitecture"),
            "python": config.require("lambdaPython"),
        },
    },
)
pulumi.export("bucket", api.files_bucket_name)
