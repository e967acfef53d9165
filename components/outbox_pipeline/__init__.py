"""OutboxPipeline: orders and their events, which are neither lost nor processed twice."""

from .component import OutboxPipeline, OutboxPipelineArgs

__all__ = ["OutboxPipeline", "OutboxPipelineArgs"]
