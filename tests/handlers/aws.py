"""Clients and environment variables that connect the functions to the emulator."""

from types import SimpleNamespace

import boto3
from aws_clients import CONFIG
from botocore.config import Config

from local.emulator.clients import administrator
from local.emulator.process import Emulator


def make_clients(emulator: Emulator, *services: str, config: Config = CONFIG) -> SimpleNamespace:
    """Return clients like those of the functions, for the emulator and not shared between tests."""
    session = boto3.session.Session(**administrator(emulator.secret), region_name="us-east-1")
    config = config.merge(Config(proxies={}))
    return SimpleNamespace(
        **{
            service: session.client(service, endpoint_url=emulator.endpoint, config=config)
            for service in services
        }
    )


def emulator_environment(emulator: Emulator) -> dict[str, str]:
    """Return the environment variables that make boto3 use the emulator."""
    return {
        "AWS_ENDPOINT_URL": emulator.endpoint,
        **{name.upper(): value for name, value in administrator(emulator.secret).items()},
        "AWS_DEFAULT_REGION": "us-east-1",
    }
