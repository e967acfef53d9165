"""The contract with users of a release: the schema of the components, and their children.

The type, name and parent of a child identify it in every stack. A changed name replaces the
resource, unless it has an alias. `make contract` rewrites both files; review the difference before
you commit it.
"""

import json
import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pulumi
import pytest
from pulumi.provider.experimental.component import ComponentProvider

import components
from components import (
    AlarmTopic,
    ApiAccount,
    AutoscaledService,
    ContainerService,
    Database,
    DeliveryPipeline,
    EdgeCache,
    EventConsumer,
    IngestionPipeline,
    Network,
    OutboxPipeline,
    PhotoThumbnails,
    PublicBlog,
    Queue,
    ServerlessApi,
    ServiceCache,
    SignedContentDistribution,
    StaticSite,
    StreamConsumer,
    TodoList,
    Topic,
    WelcomeMailer,
)
from components._blocks.placement import PlacementArgs
from tests.conftest import Build, Built
from tests.projects import PYTHON, ROOT
from tools import reference

FOLDER = Path(__file__).parent
REFERENCE = ROOT / "docs" / "reference"
API = """
openapi: 3.0.3
info: { title: things, version: "1" }
paths:
  /thing:
    get:
      operationId: getThing
      security: [{ users: [things/read] }]
      responses: { "200": { description: a thing } }
"""
NETWORK: PlacementArgs = {
    "vpc_id": "vpc-1",
    "subnet_ids": ["subnet-1", "subnet-2"],
    "public_subnet_ids": ["subnet-3", "subnet-4"],
}
PROGRAMS: dict[str, Callable[[pulumi.ResourceOptions | None], pulumi.Resource]] = {
    "AlarmTopic": lambda opts: AlarmTopic("x", {"email": "someone@example.com"}, opts),
    "ApiAccount": lambda opts: ApiAccount("x", {}, opts),
    "AutoscaledService": lambda opts: AutoscaledService(
        "x",
        {
            "network": NETWORK,
            "code": "serverless_api/health",
            "python": PYTHON,
            "domain": {"name": "x.example.com", "zone_id": "Z1"},
            "internet_facing": True,
            "requests_per_minute": 1000,
            "access": [{"statements": [{"actions": ["s3:GetObject"], "resources": ["*"]}]}],
        },
        opts,
    ),
    "ContainerService": lambda opts: ContainerService(
        "x",
        {
            "network": NETWORK,
            "code": "serverless_api/health",
            "python": PYTHON,
            "domain": {"name": "x.example.com", "zone_id": "Z1"},
            "internet_facing": True,
            "deployment": {"strategy": "canary"},
            "access": [{"statements": [{"actions": ["s3:GetObject"], "resources": ["*"]}]}],
        },
        opts,
    ),
    "Database": lambda opts: Database(
        "x", {"network": NETWORK, "functions": {"python": PYTHON}}, opts
    ),
    "DeliveryPipeline": lambda opts: DeliveryPipeline(
        "x",
        {
            "connection_arn": "arn:aws:codeconnections:us-east-1:123456789012:connection/x",
            "repository": "owner/name",
            "stages": [
                {"stack": "dev", "role_arn": "arn:aws:iam::123456789012:role/dev"},
                {"stack": "prod", "role_arn": "arn:aws:iam::123456789012:role/prod"},
            ],
            "pulumi_cli": {"version": "3.272.0", "sha256": "0" * 64},
            "backend_url": "s3://state",
            "secrets_provider": "awskms://alias/state",
        },
        opts,
    ),
    "EdgeCache": lambda opts: EdgeCache(
        "x",
        {
            "load_balancer_arn": (
                "arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/x/0123456789abcdef"
            ),
            "cached_paths": {
                "/releases/*": {"cache_seconds": 31_536_000},
                "/notes/*": {"cache_seconds": 60, "compress": True, "query_parameters": ["lang"]},
            },
            "distribution": {
                "domain": {"name": "updates.example.com", "zone_id": "Z1", "www": False},
                "web_acl": {},
            },
        },
        opts,
    ),
    "EventConsumer": lambda opts: EventConsumer(
        "x",
        {
            "event_bus_name": "bus",
            "event_source": "source",
            "detail_types": ["Happened"],
            "code": "outbox_pipeline/ship_order",
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "IngestionPipeline": lambda opts: IngestionPipeline(
        "x",
        {
            "schema": (ROOT / "schemas" / "telemetry.yaml").read_text(),
            "report_allowed_origins": ["https://example.com"],
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "Network": lambda opts: Network(
        "x",
        {
            "egress": "nat",
            "zone_count": 2,
            "interface_endpoints": ["ecr.api"],
            "private_zone_name": "services.internal",
            "load_balancer": {"domain": {"name": "services.example.com", "zone_id": "Z1"}},
        },
        opts,
    ),
    "OutboxPipeline": lambda opts: OutboxPipeline("x", {"functions": {"python": PYTHON}}, opts),
    "PhotoThumbnails": lambda opts: PhotoThumbnails(
        "x", {"transfer_acceleration": True, "functions": {"python": PYTHON}}, opts
    ),
    "ServiceCache": lambda opts: ServiceCache("x", {"network": NETWORK}, opts),
    "ServerlessApi": lambda opts: ServerlessApi(
        "x",
        {
            "openapi": API,
            "operations": {"getThing": "read"},
            "api_functions": {"read": {"code": "outbox_pipeline/ship_order"}},
            "users": {"callback_urls": ["https://example.com/"]},
            "user_folder": {},
            "allowed_origins": ["https://example.com"],
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "SignedContentDistribution": lambda opts: SignedContentDistribution(
        "x",
        {
            "openapi": (ROOT / "apis" / "videos.yaml").read_text(),
            "app_url": "https://example.com",
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "StaticSite": lambda opts: StaticSite(
        "x",
        {
            "content": str(FOLDER / "site"),
            "assets": "assets/",
            "apis": {"api": "https://abc.execute-api.us-east-1.amazonaws.com/api"},
            "distribution": {"domain": {"name": "example.com", "zone_id": "Z1"}, "web_acl": {}},
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "StreamConsumer": lambda opts: StreamConsumer(
        "x",
        {
            "stream_arn": "arn:aws:kinesis:us-east-1:123456789012:stream/x",
            "code": "outbox_pipeline/ship_order",
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "Queue": lambda opts: Queue(
        "x",
        {
            "consumer": {"code": "outbox_pipeline/ship_order"},
            "subscriptions": [{"topic_arn": "arn:aws:sns:us-east-1:123456789012:x"}],
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "Topic": lambda opts: Topic("x", {}, opts),
    "PublicBlog": lambda opts: PublicBlog(
        "x",
        {
            "openapi": (ROOT / "apis" / "blog.yaml").read_text(),
            "site_url": "https://example.com",
            "title": "X",
            "from_address": "hello@example.com",
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "WelcomeMailer": lambda opts: WelcomeMailer(
        "x",
        {
            "table_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/x",
            "stream_arn": "arn:aws:dynamodb:us-east-1:123456789012:table/x/stream/1",
            "api_url": "https://api.example.com",
            "site_url": "https://example.com",
            "title": "X",
            "from_address": "hello@example.com",
            "functions": {"python": PYTHON},
        },
        opts,
    ),
    "TodoList": lambda opts: TodoList(
        "x",
        {
            "openapi": (ROOT / "apis" / "todo.yaml").read_text(),
            "site_url": "https://example.com",
            "functions": {"python": PYTHON},
        },
        opts,
    ),
}


@pytest.fixture(scope="module")
def component_graphs(build: Build) -> dict[str, Built]:
    """Build the graph of each component."""
    return {name: build(partial(program, None)) for name, program in PROGRAMS.items()}


def compare(name: str, found: object) -> None:
    """Compare with the stored contract. `make contract` stores it first."""
    path = FOLDER / name
    if os.environ.get("WRITE_CONTRACT"):
        path.write_text(json.dumps(found, indent=2) + "\n")
    assert json.loads(path.read_text()) == found, f"{name} changed; see {__file__}"


def test_the_schema_matches_the_components():
    provider = ComponentProvider(components.components(), "colonnade")
    schema = json.loads(provider.schema)
    del schema["language"]  # versions of the SDK that wrote it
    compare("schema.json", schema)


def test_every_component_argument_and_output_is_described():
    schema = json.loads((FOLDER / "schema.json").read_text())
    for token, resource in schema["resources"].items():
        for kind in ("inputProperties", "properties"):
            for name, spec in resource[kind].items():
                assert spec.get("description"), f"{token}.{name}"
    for token, spec in schema["types"].items():
        for name, field in spec["properties"].items():
            assert field.get("description"), f"{token}.{name}"


def test_children_keep_their_types_names_and_parents(component_graphs: dict[str, Built]):
    assert set(PROGRAMS) == {each.__name__ for each in components.components()}
    compare("children.json", {name: graph.children for name, graph in component_graphs.items()})


def test_the_plugin_and_the_program_have_the_same_requirements():
    ours = (ROOT / "requirements.txt").read_text()
    assert (ROOT / "components" / "requirements.txt").read_text() == ours


def test_the_reference_pages_match_the_schema(component_graphs: dict[str, Built]):
    """`make contract` rewrites the pages."""
    schema = json.loads((FOLDER / "schema.json").read_text())
    pages = {"README.md": reference.index(schema)}
    for component in components.components():
        name = component.__name__
        resources = component_graphs[name].resources
        token = f"colonnade:index:{name}"
        pages[f"{name}.md"] = reference.page(name, component, schema, resources, token)
    if os.environ.get("WRITE_CONTRACT"):
        REFERENCE.mkdir(exist_ok=True)
        for name, text in pages.items():
            (REFERENCE / name).write_text(text)
    found = {path.name: path.read_text() for path in REFERENCE.iterdir()}
    assert found == pages, "docs/reference is out of date; `make contract` rewrites it"
