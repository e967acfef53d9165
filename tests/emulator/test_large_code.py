"""Code that is too large for Lambda's API is deployed by way of S3."""

import json
from pathlib import Path

from components._blocks.archive import MAX_UPLOAD_BYTES
from tests.conftest import Deploy

PROGRAM = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from components import EventConsumer
config = pulumi.Config()
EventConsumer("big", {{
    "event_bus_name": "default",
    "event_source": "shop",
    "detail_types": ["Sold"],
    "code": "mine",
    "functions": {{
        "architecture": config.require("lambdaArchitecture"),
        "python": config.require("lambdaPython"),
    }},
}})
"""
APP = """
import pathlib
def handler(event, context):
    return pathlib.Path(__file__).with_name("model.bin").stat().st_size
"""


def test_a_function_with_a_large_bundle_runs(deploy: Deploy, project: Path):
    (project / "mine").mkdir()
    (project / "mine" / "app.py").write_text(APP)
    with (project / "mine" / "model.bin").open("wb") as file:
        file.truncate(MAX_UPLOAD_BYTES)
    cloud = deploy(PROGRAM)
    function = cloud.find("aws:lambda/function:Function", "big-function")
    assert function.inputs["s3Key"].endswith(".zip")
    answer = cloud.client("lambda").invoke(FunctionName=function.id, Payload=b"{}")
    assert json.load(answer["Payload"]) == MAX_UPLOAD_BYTES
