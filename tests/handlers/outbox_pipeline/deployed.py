"""The relay as a function on the emulator, for callers that invoke it by name."""

import io
import json
import zipfile
from pathlib import Path

from .world import World

HANDLERS = Path(__file__).resolve().parents[3] / "handlers"


def deploy_relay(world: World) -> str:
    """Create the function and return its name."""
    role = world.emulator.client("iam").create_role(
        RoleName=f"{world.outbox}-relay",
        AssumeRolePolicyDocument=json.dumps(_policy("sts:AssumeRole", Principal=_LAMBDA)),
    )
    world.emulator.client("iam").put_role_policy(
        RoleName=f"{world.outbox}-relay",
        PolicyName="relay",
        PolicyDocument=json.dumps(_policy(_ACTIONS, Resource="*")),
    )
    name = f"{world.outbox}-relay"
    world.emulator.client("lambda").create_function(
        FunctionName=name,
        Runtime="python3.13",
        Role=role["Role"]["Arn"],
        Handler="outbox_pipeline.relay.app.handler",
        Code={"ZipFile": _zip()},
        Timeout=30,
        Environment={
            "Variables": {
                "OUTBOX_TABLE": world.outbox,
                "EVENT_BUS": world.bus,
                "CLAIMS_BUCKET": world.claims,
                "FAILURES_BUCKET": world.failures,
                "SENT_RETENTION_DAYS": "7",
            }
        },
    )
    return name


_LAMBDA = {"Service": "lambda.amazonaws.com"}
_ACTIONS = ["events:PutEvents", "s3:PutObject", "dynamodb:PartiQLUpdate"]


def _policy(action: str | list[str], **more: object) -> dict[str, object]:
    statement = {"Effect": "Allow", "Action": action, **more}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _zip() -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in (HANDLERS / "outbox_pipeline").rglob("*.py"):
            archive.write(path, path.relative_to(HANDLERS))
        for library in ("aws_clients", "environment"):
            for path in (HANDLERS / "libraries" / library).rglob("*.py"):
                archive.write(path, path.relative_to(HANDLERS / "libraries"))
    return content.getvalue()
