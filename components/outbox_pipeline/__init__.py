"""OutboxPipeline: orders and their events, nothing lost and nothing handled twice."""

from .component import OutboxPipeline, OutboxPipelineArgs

__all__ = ["OutboxPipeline", "OutboxPipelineArgs"]
