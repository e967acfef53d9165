"""Runs a program without any cloud: resources are registered and not created.

Outputs that AWS would compute are derived from the resource's name, so that policies and other
documents are complete. Unlike a preview by Pulumi's engine, it needs no CLI, credentials or state.
"""

import asyncio
import json
import logging
import os
import runpy
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from google.protobuf import empty_pb2  # type: ignore[import-untyped]
from pulumi.runtime import config as pulumi_config
from pulumi.runtime import settings
from pulumi.runtime.mocks import MockEngine, MockSettings
from pulumi.runtime.stack import run_in_stack

from local.engine import registry, stackconfig
from local.engine.context import Context
from local.engine.graph import Graph, Invoke, Registration
from local.engine.monitor import LocalMonitor
from local.engine.problems import describe
from local.engine.reports import Reports
from local.engine.settling import settled
from local.errors import DeploymentError

ACCOUNT = "123456789012"


@dataclass(frozen=True)
class Preview:
    """The resources, outputs and log of a program."""

    resources: list[Registration]
    invokes: list[Invoke]
    outputs: dict[str, Any]
    messages: list[str]
    """The lines that the program logged."""


class PreviewMonitor(LocalMonitor):
    """Registers resources as local mode does, and does not create them."""

    def _answer(self, context: Context, arguments: dict[str, Any]) -> dict[str, Any]:
        """Answers functions that ask AWS with fixed values. The others need no AWS."""
        function = registry.function(context.type)
        if function is None or function.preview is None:
            return super()._answer(context, arguments)
        return function.preview

    def _create(self, context: Context, inputs: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        service = context.type.split(":")[1].split("/")[0]
        physical = inputs.get("name") or f"{context.name}-1a2b3c4"
        region = context.region
        arn = f"arn:aws:{service}:{region}:{ACCOUNT}:{_path(context.type, physical, inputs)}"
        outputs = {
            "name": physical,
            "bucket": physical,
            "arn": arn,
            "url": f"https://{service}.test/{ACCOUNT}/{physical}",
            "uuid": f"uuid-of-{physical}",
            "version": "1",
            "versionId": f"version-of-{physical}",
            "qualifiedArn": f"{arn}:1",
            "streamArn": f"{arn}/stream/1",
            "invokeUrl": f"https://{physical}.test/{inputs.get('stageName', 'live')}",
            "executionArn": f"arn:aws:execute-api:{region}:{ACCOUNT}:{physical}",
            "clusterAddress": f"{physical}.test",
            "bucketRegionalDomainName": f"{physical}.s3.{region}.amazonaws.com",
            "domain": inputs.get("domain"),
            "domainName": inputs.get("domainName", f"{physical}.cloudfront.test"),
            "hostedZoneId": "Z3",
            "zoneId": "Z4",
            "fqdn": inputs.get("name"),
            "arnSuffix": f"app/{physical}/1",
            "latestVersion": 1,
            "dnsName": f"{physical}.elb.test",
            "repositoryUrl": f"{ACCOUNT}.dkr.ecr.{region}.amazonaws.com/{physical}",
            "result": json.dumps({"digest": f"sha256:{'0' * 64}"}),
            "regionalDomainName": f"{physical}.test",
            "regionalZoneId": "Z2",
            "domainValidationOptions": [
                {
                    "resourceRecordName": "_proof.test",
                    "resourceRecordType": "CNAME",
                    "resourceRecordValue": "proof.test",
                }
            ]
            * 2,  # one per domain name of a site
        }
        if service in ("elasticache", "rds"):
            outputs |= _of_a_store(f"{physical}.{service}.test", arn)
        return physical, {key: value for key, value in outputs.items() if value is not None}


def _of_a_store(host: str, arn: str) -> dict[str, Any]:
    """Returns where a database or a cache would be, and who would log in."""
    return {
        "address": host,
        "endpoint": host,
        "endpoints": [{"address": host, "port": 6379}],
        "resourceId": "db-ABCDEFGH",
        "clusterResourceId": "cluster-ABCDEFGH",
        "masterUserSecrets": [{"secretArn": f"{arn}-secret"}],
    }


def _path(kind: str, physical: str, inputs: Mapping[str, Any]) -> str:
    """Returns the last part of an ARN, for types whose ARN components parse."""
    paths = {
        "aws:lambda/function:Function": f"function:{physical}",
        "aws:lambda/alias:Alias": f"function:{inputs.get('functionName')}:{physical}",
        "aws:cognito/userPool:UserPool": f"userpool/{physical}",
        "aws:dynamodb/table:Table": f"table/{physical}",
    }
    return paths.get(kind, physical)


def preview(folder: Path, stack: str, overrides: Mapping[str, Any] | None = None) -> Preview:
    """Previews the program of a folder, once per process because Python caches imports.

    Changes the working directory to `folder` and puts it first on the import path.

    Raises:
        LocalError: the stack's configuration is invalid.
        DeploymentError: the program or a resource failed; it holds every problem.
    """
    folder = folder.resolve()
    config = stackconfig.load(folder, stack, overrides)
    os.chdir(folder)
    sys.path.insert(0, str(folder))
    program = str(folder / "__main__.py")
    try:
        return run(
            lambda: cast(None, runpy.run_path(program, run_name="__main__")),
            config.values,
            config.project,
            stack,
            config.provider(),
        )
    except DeploymentError:
        raise
    except Exception as error:  # whatever the program raises
        raise DeploymentError([describe(error, folder)]) from error


def run(
    program: Callable[[], None],
    config: Mapping[str, str],
    project: str,
    stack: str,
    provider: Mapping[str, Any],
    *,
    workers: int | None = None,
) -> Preview:
    """Runs `program` as the program of a stack.

    Args:
        program: A function that registers resources.
        config: Values by `namespace:key`, as text.
        project: The project's name.
        stack: The stack's name.
        provider: Configuration of the default AWS provider: `region`, `defaultTags`.
        workers: Threads that register resources. 1 keeps the order of the program. Default: as many
            as asyncio starts.

    Raises:
        DeploymentError: Resources failed; it holds a message for each. Errors that `program`
            itself raises are passed on.
    """
    recorder = _Recorder()
    graph = Graph(project, stack)
    nowhere = cast(Any, SimpleNamespace(endpoint="http://127.0.0.1"))
    monitor = PreviewMonitor(graph, nowhere, cast(Reports, recorder), provider)
    deployment = monitor.GetDeploymentInfo(empty_pb2.Empty())  # type: ignore[no-untyped-call]
    settings.ROOT.set(None)
    settings.configure(
        MockSettings(  # type: ignore[no-untyped-call]
            monitor=monitor,
            monitor_features=set(deployment.supportedFeatures),
            engine=MockEngine(recorder.logger),
            project=project,
            stack=stack,
            root_directory=".",
            organization="organization",
            dry_run=False,
            callbacks=None,
        )
    )
    pulumi_config.set_all_config(dict(config), [])
    # Clears the remains of a failed program, as `pulumi.runtime.test` does.
    settings.SETTINGS.rpc_manager.clear()
    settings.SETTINGS.outputs.clear()
    try:
        with asyncio.Runner() as runner:
            loop = runner.get_loop()
            loop.set_default_executor(ThreadPoolExecutor(workers))
            loop.set_exception_handler(lambda _loop, _context: None)  # the raised error is enough
            asyncio.set_event_loop(loop)  # the SDK reads it outside of coroutines
            runner.run(run_in_stack(settled(program)))
    finally:
        if recorder.failures:  # the cause of an error that the SDK raises
            raise DeploymentError(recorder.failures)
    resources = list(graph.registrations.values())
    return Preview(resources, graph.invokes, monitor.stack_outputs, recorder.messages)


class _Recorder(logging.Handler):
    """Records the monitor's reports and the program's log."""

    def __init__(self) -> None:
        super().__init__()
        self.failures: list[str] = []
        self.messages: list[str] = []
        self.logger = logging.Logger("preview", logging.INFO)
        self.logger.addHandler(self)

    def __call__(self, event: str, **details: Any) -> None:
        if event == "failed":
            self.failures.append(f"{details['urn']}: {details['message']}")

    def not_emulated(self, message: str) -> None:
        """Does nothing: a preview creates nothing."""

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(f"{record.levelname.lower()}: {record.getMessage()}")
