"""Colonnade: AWS serverless architectures as reusable Pulumi components.

Import a component from its own module (`from colonnade.outbox_pipeline import OutboxPipeline`) or
from here: either way only what is used is loaded.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ._blocks.access import AccessArgs
    from ._blocks.distribution import DistributionArgs
    from ._blocks.function import FunctionsArgs, FunctionVpcArgs
    from .alarm_topic import AlarmTopic, AlarmTopicArgs
    from .api_account import ApiAccount, ApiAccountArgs
    from .autoscaled_service import AutoscaledService, AutoscaledServiceArgs
    from .container_service import ContainerService, ContainerServiceArgs
    from .database import Database, DatabaseArgs
    from .delivery_pipeline import DeliveryPipeline, DeliveryPipelineArgs
    from .edge_cache import EdgeCache, EdgeCacheArgs
    from .event_consumer import EventConsumer, EventConsumerArgs
    from .ingestion_pipeline import IngestionPipeline, IngestionPipelineArgs
    from .network import Network, NetworkArgs
    from .outbox_pipeline import OutboxPipeline, OutboxPipelineArgs
    from .photo_thumbnails import PhotoThumbnails, PhotoThumbnailsArgs
    from .public_blog import PublicBlog, PublicBlogArgs
    from .queue import Queue, QueueArgs
    from .serverless_api import ServerlessApi, ServerlessApiArgs
    from .service_cache import ServiceCache, ServiceCacheArgs
    from .signed_content_distribution import (
        SignedContentDistribution,
        SignedContentDistributionArgs,
    )
    from .static_site import StaticSite, StaticSiteArgs
    from .stream_consumer import StreamConsumer, StreamConsumerArgs
    from .todo_list import TodoList, TodoListArgs
    from .topic import Topic, TopicArgs
    from .welcome_mailer import WelcomeMailer, WelcomeMailerArgs

__all__ = [
    "AccessArgs",
    "AlarmTopic",
    "AlarmTopicArgs",
    "ApiAccount",
    "ApiAccountArgs",
    "AutoscaledService",
    "AutoscaledServiceArgs",
    "ContainerService",
    "ContainerServiceArgs",
    "Database",
    "DatabaseArgs",
    "DeliveryPipeline",
    "DeliveryPipelineArgs",
    "DistributionArgs",
    "EdgeCache",
    "EdgeCacheArgs",
    "EventConsumer",
    "EventConsumerArgs",
    "FunctionVpcArgs",
    "FunctionsArgs",
    "IngestionPipeline",
    "IngestionPipelineArgs",
    "Network",
    "NetworkArgs",
    "OutboxPipeline",
    "OutboxPipelineArgs",
    "PhotoThumbnails",
    "PhotoThumbnailsArgs",
    "PublicBlog",
    "PublicBlogArgs",
    "Queue",
    "QueueArgs",
    "ServerlessApi",
    "ServerlessApiArgs",
    "ServiceCache",
    "ServiceCacheArgs",
    "SignedContentDistribution",
    "SignedContentDistributionArgs",
    "StaticSite",
    "StaticSiteArgs",
    "StreamConsumer",
    "StreamConsumerArgs",
    "TodoList",
    "TodoListArgs",
    "Topic",
    "TopicArgs",
    "WelcomeMailer",
    "WelcomeMailerArgs",
]

_MODULES = {
    "Access": "_blocks.access",
    "AlarmTopic": "alarm_topic",
    "ApiAccount": "api_account",
    "AutoscaledService": "autoscaled_service",
    "ContainerService": "container_service",
    "Database": "database",
    "DeliveryPipeline": "delivery_pipeline",
    "Distribution": "_blocks.distribution",
    "EdgeCache": "edge_cache",
    "EventConsumer": "event_consumer",
    "FunctionVpc": "_blocks.function",
    "Functions": "_blocks.function",
    "IngestionPipeline": "ingestion_pipeline",
    "Network": "network",
    "OutboxPipeline": "outbox_pipeline",
    "PhotoThumbnails": "photo_thumbnails",
    "PublicBlog": "public_blog",
    "Queue": "queue",
    "ServerlessApi": "serverless_api",
    "ServiceCache": "service_cache",
    "SignedContentDistribution": "signed_content_distribution",
    "StaticSite": "static_site",
    "StreamConsumer": "stream_consumer",
    "TodoList": "todo_list",
    "Topic": "topic",
    "WelcomeMailer": "welcome_mailer",
}
_SHARED = ("Access", "Distribution", "FunctionVpc", "Functions")
"""Arguments that several components take."""


def components() -> list[type]:
    """Every component of the package."""
    return [__getattr__(name) for name in _MODULES if name not in _SHARED]  # type: ignore[misc]


def __getattr__(name: str) -> object:
    module = _MODULES.get(name.removesuffix("Args"))
    if module is None:
        raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
    return getattr(import_module(f".{module}", __name__), name)
